import { open, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { ReleaseError } from '../../contract/errors';

/** A folder to build from, as found under the source root. */
interface SourceFolder {
  /** Relative to the root, `/`-separated: what the release carries. */
  readonly path: string;
  readonly dockerfile: string;
}

export interface SourceFolders {
  /** Throws SOURCE_NOT_FOUND when there is no such folder inside the root, or it has no Dockerfile. */
  inspect(folder: string): Promise<SourceFolder>;
}

const MAX_DOCKERFILE_BYTES = 256 * 1024;

/** Folders under `root`; links that lead out of it are not followed. */
export function createSourceFolders(root: string): SourceFolders {
  return {
    inspect: async (folder) => {
      const realRoot = await realpath(root);
      const real = await resolveInside(realRoot, folder);
      const dockerfile = await readCapped(path.join(real, 'Dockerfile'));
      if (dockerfile === null) {
        throw notFound(folder, 'it has no Dockerfile, or one that is too large to read');
      }
      return { path: path.relative(realRoot, real).split(path.sep).join('/'), dockerfile };
    },
  };
}

async function resolveInside(root: string, folder: string): Promise<string> {
  const real = await realpath(path.resolve(root, folder)).catch(() => null);
  if (real === null) throw notFound(folder, 'there is no such folder');
  if (!real.startsWith(root + path.sep)) throw notFound(folder, 'it is outside of the source root');
  if (!(await stat(real)).isDirectory()) throw notFound(folder, 'it is not a folder');
  return real;
}

async function readCapped(file: string): Promise<string | null> {
  const handle = await open(file, 'r').catch(() => null);
  if (!handle) return null;
  try {
    const { size } = await handle.stat();
    return size > MAX_DOCKERFILE_BYTES ? null : await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function notFound(folder: string, why: string): ReleaseError {
  return new ReleaseError('SOURCE_NOT_FOUND', `Cannot build from "${folder}": ${why}`, {
    details: {
      field: 'source.path',
      remedy: 'give a folder with a Dockerfile, relative to the source root of the server',
    },
  });
}
