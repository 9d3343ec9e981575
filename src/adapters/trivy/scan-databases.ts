import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScanDatabases } from '../../ports/scan-databases';
import type { MirroredFolder } from './mirrored-folder';
import type { TrivyOptions } from './options';
import { findsCanary } from './scanner';
import { unpackDatabase } from './unpack-database';

/** `folder` null: nothing is scanned with what the mirror has. */
export function createScanDatabases(
  options: TrivyOptions,
  folder: MirroredFolder | null,
): ScanDatabases {
  return {
    inspect: async (kind, layerFile, signal) => {
      const cacheDir = await mkdtemp(join(tmpdir(), 'plura-database-'));
      try {
        const unpacked = await unpackDatabase(kind, layerFile, cacheDir);
        // The canary is an SBOM, so it says nothing of what tells jar files apart.
        if (kind === 'java') return { ...unpacked, canaryFound: null };
        return { ...unpacked, canaryFound: await findsCanary({ ...options, cacheDir }, signal) };
      } finally {
        await rm(cacheDir, { recursive: true, force: true });
      }
    },
    refresh: async () => {
      await folder?.refresh();
    },
  };
}
