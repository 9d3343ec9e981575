import type { HeaderExpectation, JsonExpectation, StepExpectation } from './scenario';
import { isList, isObject, parseJsonPath, readJsonPath } from './scenario-json-path';
import { fillIn, findReferences, type Values } from './scenario-template';
import type { Json } from './verdict';

/** Of a body whose step names no `maxBodyBytes`. */
export const READ_BODY_BYTES = 64 * 1024;

/** What came back, as far as it is read. */
export interface ScenarioAnswer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Whether the body went on after what was read. */
  readonly cut: boolean;
}

/** How a reason may quote, so that it tells no secret: whole texts go in, short ones come out. */
export interface Quotes {
  readonly text: (text: string) => string;
  readonly body: (answer: ScenarioAnswer) => string;
}

export interface CheckInput {
  readonly expect: StepExpectation;
  readonly values: Values;
  readonly answer: ScenarioAnswer;
  readonly durationMs: number;
  readonly quotes: Quotes;
}

/** The first thing that is not as expected, as one sentence; empty when all is. */
export function whatIsWrong(input: CheckInput): string {
  return (
    wrongStatus(input) ||
    wrongBody(input) ||
    wrongHeader(input) ||
    wrongJson(input) ||
    tooSlow(input)
  );
}

export function parseBody(body: string): Json | undefined {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return undefined;
  }
}

export function expectedStatuses({ status }: StepExpectation): readonly number[] {
  return typeof status === 'number' ? [status] : status;
}

function wrongStatus({ expect, answer }: CheckInput): string {
  const expected = expectedStatuses(expect);
  if (expected.includes(answer.status)) {
    return '';
  }
  const redirected = answer.status >= 300 && answer.status < 400 && answer.headers.has('location');
  const hint = redirected ? ' (redirects are followed as far as the step says so)' : '';
  return `expected status ${expected.join(' or ')}, got ${answer.status}${hint}`;
}

function wrongBody({ expect, values, answer, quotes }: CheckInput): string {
  if (expect.maxBodyBytes !== undefined && answer.cut) {
    return `the body is over ${expect.maxBodyBytes} bytes`;
  }
  if (expect.bodyContains === undefined) {
    return '';
  }
  const wanted = fillIn(expect.bodyContains, values);
  return answer.body.includes(wanted)
    ? ''
    : `expected "${quotes.text(wanted)}" in the body, got "${quotes.body(answer)}"`;
}

function wrongHeader({ expect, values, answer, quotes }: CheckInput): string {
  for (const [name, wanted] of Object.entries(expect.headers ?? {})) {
    const rule: HeaderExpectation = typeof wanted === 'string' ? { equals: wanted } : wanted;
    const got = answer.headers.get(name.toLowerCase());
    const shown = got === undefined ? 'none' : `"${quotes.text(got)}"`;
    const equals = rule.equals === undefined ? undefined : fillIn(rule.equals, values);
    if (equals !== undefined && got !== equals) {
      return `expected header ${name} to be "${quotes.text(equals)}", got ${shown}`;
    }
    const part = rule.contains === undefined ? undefined : fillIn(rule.contains, values);
    if (part !== undefined && !got?.includes(part)) {
      return `expected header ${name} to contain "${quotes.text(part)}", got ${shown}`;
    }
    if (rule.present === true && got === undefined) {
      return `expected a header ${name}, got none`;
    }
    if (rule.present === false && got !== undefined) {
      return `expected no header ${name}, got ${shown}`;
    }
  }
  return '';
}

function wrongJson({ expect, values, answer, quotes }: CheckInput): string {
  if (expect.json === undefined || expect.json.length === 0) {
    return '';
  }
  if (answer.cut) {
    return 'the body is too long to be read as JSON: raise maxBodyBytes';
  }
  const document = parseBody(answer.body);
  if (document === undefined) {
    return `expected JSON, got "${quotes.body(answer)}"`;
  }
  for (const one of expect.json) {
    const value = readJsonPath(document, parseJsonPath(one.path) ?? []);
    const reason = wrongValue(one, value, values, quotes);
    if (reason !== '') {
      return reason;
    }
  }
  return '';
}

function wrongValue(
  { path, equals, exists, type, min, max }: JsonExpectation,
  value: Json | undefined,
  values: Values,
  quotes: Quotes,
): string {
  const at = path === '' ? 'the JSON' : path;
  if (exists === false) {
    return value === undefined ? '' : `expected no ${at}, got ${show(value, quotes)}`;
  }
  if (value === undefined) {
    return `expected ${at} in the JSON, it is not there`;
  }
  const got = `got ${show(value, quotes)}`;
  if (type !== undefined && !hasType(value, type)) {
    return `expected ${at} to be of type ${type}, ${got}`;
  }
  if (equals !== undefined && !isEqual(equals, value, values)) {
    return `expected ${at} to be ${show(fillJson(equals, values), quotes)}, ${got}`;
  }
  if ((min !== undefined || max !== undefined) && typeof value !== 'number') {
    return `expected ${at} to be a number, ${got}`;
  }
  if (min !== undefined && !(Number(value) >= min)) {
    return `expected ${at} to be at least ${min}, ${got}`;
  }
  return max !== undefined && !(Number(value) <= max)
    ? `expected ${at} to be at most ${max}, ${got}`
    : '';
}

function show(value: Json, quotes: Quotes): string {
  return typeof value === 'string' ? `"${quotes.text(value)}"` : quotes.text(JSON.stringify(value));
}

function hasType(value: Json, type: JsonExpectation['type']): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    case 'array':
      return isList(value);
    case 'object':
      return isObject(value);
    default:
      return typeof value === type;
  }
}

/** A variable is text: where the expected text has one in it, a number or boolean is compared by its text. */
function isEqual(expected: Json, actual: Json, values: Values): boolean {
  if (typeof expected === 'string' && findReferences(expected).names.length > 0) {
    return !isList(actual) && !isObject(actual) && String(actual) === fillIn(expected, values);
  }
  if (isList(expected)) {
    return (
      isList(actual) &&
      actual.length === expected.length &&
      expected.every((one, index) => isEqual(one, actual[index] ?? null, values))
    );
  }
  if (isObject(expected)) {
    return (
      isObject(actual) &&
      Object.keys(actual).length === Object.keys(expected).length &&
      Object.entries(expected).every(
        ([key, one]) => Object.hasOwn(actual, key) && isEqual(one, actual[key] ?? null, values),
      )
    );
  }
  return expected === actual;
}

function fillJson(value: Json, values: Values): Json {
  if (typeof value === 'string') {
    return fillIn(value, values);
  }
  if (isList(value)) {
    return value.map((one) => fillJson(one, values));
  }
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillJson(one, values)]))
    : value;
}

function tooSlow({ expect, durationMs }: CheckInput): string {
  return expect.maxMs !== undefined && durationMs > expect.maxMs
    ? `took ${durationMs} ms, limit ${expect.maxMs} ms`
    : '';
}
