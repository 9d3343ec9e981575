import type { ScenarioCapture } from './scenario';
import { parseBody, type ScenarioAnswer } from './scenario-answer';
import { isList, isObject, parseJsonPath, readJsonPath } from './scenario-json-path';
import { looksSecret } from './scenario-secrets';

export type Captured =
  | { readonly ok: true; readonly value: string }
  /** Says nothing of the answer but that something is missing. */
  | { readonly ok: false; readonly reason: string };

const MAX_VALUE_LENGTH = 4096;

/** Takes one value out of an answer. */
export function captureFrom(capture: ScenarioCapture, answer: ScenarioAnswer): Captured {
  const source = sourceOf(capture, answer);
  const cutOut = source.ok ? between(source.value, capture) : source;
  if (cutOut.ok && cutOut.value.length > MAX_VALUE_LENGTH) {
    return missing(`what was found is longer than ${MAX_VALUE_LENGTH} characters`);
  }
  return cutOut.ok && cutOut.value === '' ? missing('what was found is empty') : cutOut;
}

/** Said so, or by the name of the variable, the header or the JSON member. */
export function isSecretCapture(name: string, { json, header, secret }: ScenarioCapture): boolean {
  const member = json === undefined ? undefined : parseJsonPath(json)?.at(-1);
  return (
    secret === true || [name, header ?? '', member ?? ''].some((source) => looksSecret(source))
  );
}

function missing(reason: string): Captured {
  return { ok: false, reason };
}

function sourceOf({ json, header }: ScenarioCapture, answer: ScenarioAnswer): Captured {
  if (header !== undefined) {
    const value = answer.headers.get(header.toLowerCase());
    return value === undefined ? missing(`no header ${header}`) : { ok: true, value };
  }
  if (json === undefined) {
    return { ok: true, value: answer.body };
  }
  const document = answer.cut ? undefined : parseBody(answer.body);
  if (document === undefined) {
    return missing(answer.cut ? 'the body is too long to be read as JSON' : 'the body is no JSON');
  }
  const value = readJsonPath(document, parseJsonPath(json) ?? []);
  if (value === undefined || value === null || isList(value) || isObject(value)) {
    return missing(`no text, number or boolean at ${json}`);
  }
  return { ok: true, value: String(value) };
}

function between(text: string, { after, before }: ScenarioCapture): Captured {
  const start = after === undefined ? 0 : text.indexOf(after);
  if (start < 0) {
    return missing('the text of `after` is not there');
  }
  const from = start + (after?.length ?? 0);
  const end = before === undefined ? text.length : text.indexOf(before, from);
  return end < 0
    ? missing('the text of `before` is not there')
    : { ok: true, value: text.slice(from, end) };
}
