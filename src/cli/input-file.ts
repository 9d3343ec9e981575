import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { failureReason } from '../contract/error-reason';
import { ReleaseError } from '../contract/errors';
import type { YamlFault } from '../contract/schema/yaml-text';

interface InputFile {
  /** As the caller named it, from the folder `cwd`. */
  readonly file: string;
  readonly cwd: string;
  readonly maxBytes: number;
  /** What of the command line names it. */
  readonly field: string;
}

/** @throws ReleaseError INVALID_INPUT */
export async function readInputText({ file, cwd, maxBytes, field }: InputFile): Promise<string> {
  const absolute = path.resolve(cwd, file);
  try {
    const { size } = await stat(absolute);
    if (size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
    return await readFile(absolute, 'utf8');
  } catch (cause) {
    throw new ReleaseError('INVALID_INPUT', `${file} can't be read: ${failureReason(cause)}`, {
      cause,
      details: { field, remedy: 'check the path and its permissions' },
    });
  }
}

/** A line a fault, with file, line and field. */
export function faultLines(file: string, faults: readonly YamlFault[]): string {
  return faults
    .map(
      ({ line, field, message }) =>
        `${file}:${line}: ${field === '' ? '' : `${field}: `}${message}`,
    )
    .join('\n  ');
}
