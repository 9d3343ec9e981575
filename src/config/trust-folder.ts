import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ReleaseError } from '../contract/errors';

const MAX_BYTES = 1024 * 1024;

/** Gives a file of the folder by its plain name. Throws BASE_REFUSED when it can't be read: then nothing can be verified by it. */
export function createTrustFolder(folder: string | null): (name: string) => Promise<Buffer> {
  return async (name) => {
    try {
      if (folder === null) throw new Error('no folder is configured');
      const bytes = await readFile(path.join(folder, path.basename(name)));
      if (bytes.length > MAX_BYTES) throw new Error(`it is over ${MAX_BYTES} bytes`);
      return bytes;
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new ReleaseError(
        'BASE_REFUSED',
        `The trust file ${name} can't be read: ${code ?? message}`,
        {
          cause,
          details: {
            field: name,
            remedy: 'put it into the folder that PLURA_BASE_TRUST_DIR names',
          },
        },
      );
    }
  };
}
