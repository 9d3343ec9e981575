import { readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { ReleaseError } from '../src/contract/errors';

const MAX_DOCKERFILE_BYTES = 256 * 1024;

function notFound(path: string, why: string): ReleaseError {
  return new ReleaseError('SOURCE_NOT_FOUND', `Source "${path}": ${why}`, {
    details: {
      field: 'source.path',
      remedy: 'name a folder with a Dockerfile below the source root',
    },
  });
}

/** Absolute, with links resolved, and still below the root. Throws SOURCE_NOT_FOUND. */
export async function findSource(sourceRoot: string, path: string): Promise<string> {
  try {
    const root = await realpath(sourceRoot);
    const folder = await realpath(resolve(root, path));
    const inside = folder === root || folder.startsWith(root + sep);
    if (inside && (await stat(folder)).isDirectory()) return folder;
  } catch {
    // Falls through: not there and not reachable are the same answer.
  }
  throw notFound(path, 'no such folder below the source root');
}

export async function readDockerfileText(folder: string, path: string): Promise<string> {
  const file = join(folder, 'Dockerfile');
  try {
    const { size } = await stat(file);
    if (size <= MAX_DOCKERFILE_BYTES) return await readFile(file, 'utf8');
  } catch {
    throw notFound(path, 'it has no Dockerfile');
  }
  throw notFound(path, `its Dockerfile is over ${MAX_DOCKERFILE_BYTES} bytes`);
}
