import { join } from 'node:path';
import type { AdvisoryDatabase } from '../../ports/advisory-database';
import { openAdvisoryDatabase } from './advisory-database';
import type { DatabaseFolder } from './folder';

/**
 * Opens the database that scans go by now; its folder stays as it is until it is closed.
 *
 * @throws ReleaseError SCANNER_UNAVAILABLE
 */
export async function openHeldDatabase(folder: DatabaseFolder): Promise<AdvisoryDatabase> {
  const held = await folder.hold();
  try {
    const database = await openAdvisoryDatabase(join(held.cacheDir, 'db'));
    const close = async (): Promise<void> => {
      await database.close().finally(held.release);
    };
    return { ...database, close };
  } catch (error) {
    held.release();
    throw error;
  }
}
