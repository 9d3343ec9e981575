import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';

const MAX_REPORTED = 10;

/** A parsed YAML text that knows where each of its fields stands. */
export interface YamlText {
  readonly value: unknown;
  /** Line of the field, or of its nearest parent that is there; 1 for the whole text. */
  readonly lineOf: (path: readonly PropertyKey[]) => number;
}

/** Something wrong in a YAML text, and where. */
export interface YamlFault {
  readonly line: number;
  /** `services[2].svc`; empty for the whole text. */
  readonly field: string;
  readonly message: string;
}

/** Where the last field on `path` that is there begins: at its key, or at its value in a list. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    const pair = isMap(node)
      ? node.items.find((item) => isScalar(item.key) && item.key.value === step)
      : undefined;
    const value: unknown = isSeq(node) ? node.items[Number(step)] : pair?.value;
    const place = pair ? pair.key : value;
    if (!isNode(place) || !place.range) {
      return offset;
    }
    [offset] = place.range;
    node = value;
  }
  return offset;
}

/** A fault where it is no YAML, or YAML that unfolds without measure. */
export function readYamlText(text: string): YamlText | YamlFault {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    return { line: lines.linePos(error.pos[0]).line, field: '', message: error.message };
  }
  try {
    return {
      value: document.toJS({ maxAliasCount: 20 }) as unknown,
      lineOf: (path) => lines.linePos(offsetOf(document, path)).line,
    };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return { line: 1, field: '', message };
  }
}

/** `services[2].svc` */
function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
}

/** An unknown key is reported where it stands, not at its parent. */
function pathOf(issue: z.core.$ZodIssue): readonly PropertyKey[] {
  return issue.code === 'unrecognized_keys'
    ? [...issue.path, ...issue.keys.slice(0, 1)]
    : issue.path;
}

/** What a schema found, with its place in the text; the first ten. */
export function faultsOf(error: z.ZodError, { lineOf }: YamlText): readonly YamlFault[] {
  // An unknown key first: misspelt, it is also why another one is missing.
  const unknownFirst = [...error.issues].sort(
    (a, b) => Number(b.code === 'unrecognized_keys') - Number(a.code === 'unrecognized_keys'),
  );
  return unknownFirst.slice(0, MAX_REPORTED).map((issue) => ({
    line: lineOf(pathOf(issue)),
    field: fieldName(pathOf(issue)),
    message: issue.code === 'unrecognized_keys' ? 'this key is not known here' : issue.message,
  }));
}
