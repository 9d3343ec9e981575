import { createHash } from 'node:crypto';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ReleaseError } from '../../contract/errors';
import type { AdvisoryDatabase } from '../../ports/advisory-database';
import { createAdvisoryReader } from './advisory-reader';
import { openBolt, type BoltFile } from './bolt/bolt-file';
import { changedPackages } from './database-changes';
import { scannerUnavailable } from './run';
import { databaseMetadata } from './schema';

/** One that we opened ourselves, so that two of them can be compared. */
interface OpenDatabase extends AdvisoryDatabase {
  readonly bolt: BoltFile;
}

const isOpen = (database: AdvisoryDatabase): database is OpenDatabase => 'bolt' in database;

async function hashOf(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(file.createReadStream({ start: 0, autoClose: false }), hash);
  return `sha256:${hash.digest('hex')}`;
}

async function updatedAtOf(folder: string): Promise<string> {
  const text = await readFile(join(folder, 'metadata.json'), 'utf8');
  return databaseMetadata.parse(JSON.parse(text)).UpdatedAt;
}

async function openFile(folder: string, file: FileHandle): Promise<OpenDatabase> {
  const bolt = await openBolt(file);
  const reader = await createAdvisoryReader(bolt);
  return {
    digest: await hashOf(file),
    updatedAt: await updatedAtOf(folder),
    bolt,
    ...reader,
    changedSince: (before) => {
      if (before && !isOpen(before)) {
        throw scannerUnavailable('the database to compare with is none of its own');
      }
      return changedPackages(before?.bolt ?? null, bolt);
    },
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
