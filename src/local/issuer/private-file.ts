import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ReleaseError } from '../../contract/errors';

const MAX_BYTES = 64 * 1024;

function hasCode(error: unknown, code: string): boolean {
  return error !== null && typeof error === 'object' && 'code' in error && error.code === code;
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    const { mode, size } = await stat(file);
    if ((mode & 0o077) !== 0 || size > MAX_BYTES) {
      throw new ReleaseError(
        'INVALID_INPUT',
        `${file} must be readable by its owner only, and small`,
        {
          details: { field: file, remedy: `chmod 600 ${file}, or remove it to get a new one` },
        },
      );
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) {
      return null;
    }
    throw error;
  }
}

/**
 * Reads a file that only its owner may read (0600), made by `make` at the first call. Of several
 * processes that come at once one makes it, and all read the same whole file: it is linked in place.
 */
export async function readOrCreate(file: string, make: () => Promise<string>): Promise<string> {
  const known = await readIfThere(file);
  if (known !== null) {
    return known;
  }
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, await make(), { mode: 0o600, flag: 'wx' });
    await chmod(draft, 0o600);
    await link(draft, file).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) {
        throw error;
      }
    });
  } finally {
    await rm(draft, { force: true });
  }
  return (await readIfThere(file)) ?? '';
}
