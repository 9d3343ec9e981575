import { createHash } from 'node:crypto';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ReleaseError } from '../../contract/errors';
import type { AdvisoryDatabase } from '../../ports/advisory-database';
import { createAdvisoryReader } from './advisory-reader';
import { openBolt } from './bolt/bolt-file';
import { scannerUnavailable } from './run';
import { databaseMetadata } from './schema';

async function hashOf(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(file.createReadStream({ start: 0, autoClose: false }), hash);
  return `sha256:${hash.digest('hex')}`;
}

async function updatedAtOf(folder: string): Promise<string> {
  const text = await readFile(join(folder, 'metadata.json'), 'utf8');
  return databaseMetadata.parse(JSON.parse(text)).UpdatedAt;
}

async function openFile(folder: string, file: FileHandle): Promise<AdvisoryDatabase> {
  const bolt = await openBolt(file);
  const reader = await createAdvisoryReader(bolt);
  return {
    digest: await hashOf(file),
    updatedAt: await updatedAtOf(folder),
    ...reader,
    close: () => bolt.close(),
  };
}

/**
 * Opens Trivy's database, `trivy.db` and `metadata.json` in `folder`, to read advisories as Trivy does. The file stays
 * open: it may be replaced by another meanwhile, not written.
 *
 * @throws ReleaseError SCANNER_UNAVAILABLE when it is missing, damaged or of a version we do not know
 */
export async function openAdvisoryDatabase(folder: string): Promise<AdvisoryDatabase> {
  let file: FileHandle | undefined;
  try {
    file = await open(join(folder, 'trivy.db'), 'r');
    return await openFile(folder, file);
  } catch (cause) {
    await file?.close();
    throw cause instanceof ReleaseError
      ? cause
      : scannerUnavailable('its vulnerability database is missing or unreadable', cause);
  }
}
