import type { ScenarioStep } from './scenario';

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;
const REFERENCE = /\{\{([A-Za-z][A-Za-z0-9_]{0,39})\}\}/g;

export type Values = ReadonlyMap<string, string>;

export function isVariableName(text: string): boolean {
  return NAME.test(text);
}

export interface References {
  readonly names: readonly string[];
  /** Where `{{` begins something that is no reference, else null. */
  readonly faulty: string | null;
}

export function findReferences(text: string): References {
  const names = [...text.matchAll(REFERENCE)].map(([, name = '']) => name);
  // The space keeps braces on both sides of a reference apart.
  const rest = text.replaceAll(REFERENCE, ' ');
  const at = rest.indexOf('{{');
  return { names, faulty: at < 0 ? null : rest.slice(at, at + 20) };
}

/** A name without a value stays as it is written: `findVariableFaults` refuses those before. */
export function fillIn(
  text: string,
  values: Values,
  encode: (value: string) => string = (value) => value,
): string {
  return text.replaceAll(REFERENCE, (reference, name: string) => {
    const value = values.get(name);
    return value === undefined ? reference : encode(value);
  });
}

/** Slashes stay, so that a captured path can be gone on with; nothing else can leave its place in the URL. */
export function encodeForPath(value: string): string {
  return encodeURIComponent(value.replaceAll(/\p{Surrogate}/gu, '\ufffd')).replaceAll('%2F', '/');
}

function encodeForJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

/** A step with the values in their places. */
export interface ScenarioRequest {
  readonly method: ScenarioStep['method'];
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** Values are escaped for where they go: a path, or a body whose content-type is JSON. GET and HEAD send no body. */
export function renderRequest(step: ScenarioStep, values: Values): ScenarioRequest {
  const headers = Object.entries(step.headers ?? {}).map(([name, value]): [string, string] => [
    name,
    fillIn(value, values),
  ]);
  const isJson = headers.some(
    ([name, value]) => name.toLowerCase() === 'content-type' && /\bjson\b/i.test(value),
  );
  const bodyless = step.method === 'GET' || step.method === 'HEAD' || step.body === undefined;
  return {
    method: step.method,
    path: fillIn(step.path, values, encodeForPath),
    headers: Object.fromEntries(headers),
    body: bodyless ? null : fillIn(step.body, values, isJson ? encodeForJson : undefined),
  };
}
