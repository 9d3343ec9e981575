import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ReleaseError } from '../../contract/errors';

/** Gives the text of a scenario secret by its name. Throws INVALID_INPUT when there is none that can be used. */
export type ReadSecret = (name: string) => Promise<string>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const MIN_LENGTH = 8;
const MAX_LENGTH = 4096;

/** Secrets are files in `folder`, such as a mounted Kubernetes Secret; the line break at the end is not part of them. */
export function createSecretFolder(folder: string): ReadSecret {
  return async (name) => {
    if (!NAME.test(name)) {
      throw refused(name, 'it is no plain file name');
    }
    const text = await readText(path.join(folder, name), name);
    const secret = text.replace(/\r?\n$/, '');
    if (secret.length < MIN_LENGTH || secret.length > MAX_LENGTH) {
      throw refused(name, `it must have from ${MIN_LENGTH} to ${MAX_LENGTH} characters`);
    }
    return secret;
  };
}

async function readText(file: string, name: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code = 'it is unreadable' } = error as NodeJS.ErrnoException;
    throw refused(name, code, error);
  }
}

export function refused(name: string, why: string, cause?: unknown): ReleaseError {
  return new ReleaseError('INVALID_INPUT', `scenario secret "${name}" can't be used: ${why}`, {
    cause,
    details: { field: 'variables', remedy: "Put it into the worker's folder of scenario secrets." },
  });
}
