import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ReleaseError } from '../../../contract/errors';
import { PolicyFile } from '../../../contract/schema/policy';
import { faultsOf, readYamlText } from '../../../contract/schema/yaml-text';

const MAX_BYTES = 128 * 1024;

/** The content of a policy file for a request. @throws ReleaseError INVALID_INPUT that names file, line and field of each fault */
export async function loadPolicyFile(cwd: string, file: string): Promise<unknown> {
  const text = readYamlText(await readText(path.resolve(cwd, file), file));
  if ('message' in text) throw refused(file, [text]);
  const parsed = PolicyFile.safeParse(text.value);
  if (!parsed.success) throw refused(file, faultsOf(parsed.error, text));
  return text.value;
}

function refused(file: string, faults: ReturnType<typeof faultsOf>): ReleaseError {
  const lines = faults.map(
    ({ line, field, message }) => `${file}:${line}: ${field === '' ? '' : `${field}: `}${message}`,
  );
  return new ReleaseError('INVALID_INPUT', lines.join('\n  '), {
    details: { field: 'policy', remedy: 'correct the file; it has to be a whole policy' },
  });
}

async function readText(absolute: string, file: string): Promise<string> {
  try {
    const { size } = await stat(absolute);
    if (size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
    return await readFile(absolute, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ReleaseError('INVALID_INPUT', `${file} can't be read: ${why}`, {
      cause: error,
      details: { field: 'policy', remedy: 'check the path and its permissions' },
    });
  }
}
