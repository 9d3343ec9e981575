import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import { ReleaseError } from '../../contract/errors';

function notFound(message: string, cause?: unknown): ReleaseError {
  return new ReleaseError('SOURCE_NOT_FOUND', message, {
    cause,
    details: { field: 'path', remedy: 'give an absolute folder that holds a Dockerfile' },
  });
}

/**
 * The real folder behind `path`, with a Dockerfile of its own.
 *
 * @throws ReleaseError SOURCE_NOT_FOUND
 */
export async function resolveContext(path: string): Promise<string> {
  if (!isAbsolute(path)) {
    throw notFound(`The source folder "${path}" is not an absolute path.`);
  }
  try {
    const folder = await realpath(path);
    const dockerfile = await realpath(join(folder, 'Dockerfile'));
    // A link out of the folder would be judged here and built as something else, or not at all.
    if (!dockerfile.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
      throw notFound(`The Dockerfile of "${path}" lies outside the folder.`);
    }
    if (!(await stat(dockerfile)).isFile()) {
      throw notFound(`The Dockerfile of "${path}" is not a file.`);
    }
    return folder;
  } catch (cause) {
    throw cause instanceof ReleaseError
      ? cause
      : notFound(`There is no folder "${path}" with a Dockerfile.`, cause);
  }
}

const MAX_DOCKERIGNORE_BYTES = 256 * 1024;

/**
 * What of the folder its Dockerfile leaves out of the context (`Dockerfile.dockerignore`); null when there is no such file.
 *
 * @throws ReleaseError SOURCE_NOT_FOUND when it is something that BuildKit might read otherwise
 */
export async function readDockerignore(folder: string): Promise<Buffer | null> {
  const file = join(folder, 'Dockerfile.dockerignore');
  const found = await lstat(file).catch(() => null);
  if (!found) return null;
  if (found.isFile() && found.size <= MAX_DOCKERIGNORE_BYTES) return readFile(file);
  throw notFound(`The Dockerfile.dockerignore of "${folder}" is not a plain file, or too large.`);
}
