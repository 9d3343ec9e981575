import { readFileSync, statSync } from 'node:fs';
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { ReleaseError } from '../contract/errors';

const MAX_BYTES = 1024 * 1024;
const MAX_REPORTED = 10;

/** A parsed YAML file that knows where each of its fields stands. */
export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  /** Line of the field, or of its nearest parent that is there; 1 for the whole file. */
  lineOf(path: readonly PropertyKey[]): number;
}

function refuse(file: string, line: number, message: string, field?: string): never {
  throw new ReleaseError('INVALID_INPUT', `${file}:${line}: ${message}`, {
    details: { file, line, ...(field === undefined ? {} : { field }) },
  });
}

function readText(file: string): string {
  try {
    if (statSync(file).size > MAX_BYTES) {
      refuse(file, 1, `the file is larger than ${MAX_BYTES} bytes`);
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof ReleaseError) {
      throw error;
    }
    const why = error instanceof Error ? error.message : String(error);
    throw new ReleaseError('INVALID_INPUT', `${file} can't be read: ${why}`, {
      cause: error,
      details: { file, remedy: 'check the path and its permissions' },
    });
  }
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

/** @throws ReleaseError INVALID_INPUT with file and line when it can't be read or is not YAML. */
export function readYamlFile(file: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    refuse(file, lines.linePos(error.pos[0]).line, error.message);
  }
  return {
    file,
    value: document.toJS({ maxAliasCount: 20 }) as unknown,
    lineOf: (path) => lines.linePos(offsetOf(document, path)).line,
  };
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

/** @throws ReleaseError INVALID_INPUT that names file, line and field of each thing that is wrong. */
export function parseYaml<Schema extends z.ZodType>(
  schema: Schema,
  source: YamlFile,
  value: unknown = source.value,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) {
    return result.data;
  }
  // An unknown key first: misspelt, it is also why another one is missing.
  const unknownFirst = [...result.error.issues].sort(
    (a, b) => Number(b.code === 'unrecognized_keys') - Number(a.code === 'unrecognized_keys'),
  );
  const issues = unknownFirst.slice(0, MAX_REPORTED).map((issue) => ({
    line: source.lineOf(pathOf(issue)),
    field: fieldName(pathOf(issue)),
    message: issue.code === 'unrecognized_keys' ? 'this key is not known here' : issue.message,
  }));
  throw new ReleaseError(
    'INVALID_INPUT',
    issues.map((one) => `${source.file}:${one.line}: ${one.field}: ${one.message}`).join('\n'),
    {
      details: {
        file: source.file,
        line: issues[0]?.line ?? 1,
        field: issues[0]?.field ?? '',
        remedy: 'correct the file; deploy/policy/default.yaml shows every key of a policy',
      },
    },
  );
}
