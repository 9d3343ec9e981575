import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Digest } from '../../domain/digest';
import { scannerUnavailable } from './run';
import { databaseMetadata } from './schema';

export interface DatabaseFiles {
  /** `sha256:` of trivy.db. */
  readonly digest: string;
  readonly updatedAt: string;
}

export async function hashFile(file: string): Promise<Digest> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest('hex')}`;
}

/**
 * Reads which database is in place below a folder. A real one is over 500 MB, so its hash is kept until path, size or time of the
 * file change.
 *
 * @throws ReleaseError SCANNER_UNAVAILABLE when there is none or it is unreadable
 */
export function createDatabaseReader(): (cacheDir: string) => Promise<DatabaseFiles> {
  let known: { readonly key: string; readonly digest: Promise<string> } | undefined;

  async function digest(file: string): Promise<string> {
    const { size, mtimeMs, ino } = await stat(file);
    const key = `${file}/${size}/${mtimeMs}/${ino}`;
    if (known?.key !== key) {
      known = { key, digest: hashFile(file) };
    }
    const { digest: hash } = known;
    return hash;
  }

  return async (cacheDir) => {
    try {
      const text = await readFile(join(cacheDir, 'db', 'metadata.json'), 'utf8');
      const metadata = databaseMetadata.parse(JSON.parse(text));
      const hash = await digest(join(cacheDir, 'db', 'trivy.db'));
      return { digest: hash, updatedAt: metadata.UpdatedAt };
    } catch (cause) {
      known = undefined;
      throw scannerUnavailable('its vulnerability database is missing or unreadable', cause);
    }
  };
}
