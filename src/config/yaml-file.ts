import { readFileSync, statSync } from 'node:fs';
import type { z } from 'zod';
import { ReleaseError } from '../contract/errors';
import { faultsOf, readYamlText, type YamlText } from '../contract/schema/yaml-text';

const MAX_BYTES = 1024 * 1024;

/** A parsed YAML file that knows where each of its fields stands. */
export interface YamlFile extends YamlText {
  readonly file: string;
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

/** @throws ReleaseError INVALID_INPUT with file and line when it can't be read or is not YAML. */
export function readYamlFile(file: string): YamlFile {
  const text = readYamlText(readText(file));
  if ('message' in text) {
    refuse(file, text.line, text.message);
  }
  return { file, ...text };
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
  const faults = faultsOf(result.error, source);
  throw new ReleaseError(
    'INVALID_INPUT',
    faults.map((one) => `${source.file}:${one.line}: ${one.field}: ${one.message}`).join('\n'),
    {
      details: {
        file: source.file,
        line: faults[0]?.line ?? 1,
        field: faults[0]?.field ?? '',
        remedy: 'correct the file; deploy/policy/default.yaml shows every key of a policy',
      },
    },
  );
}
