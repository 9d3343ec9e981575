import { join } from 'node:path';
import { createFileKeyManagement } from '../../adapters/kms/file-key-management';
import { createRekorWitness } from '../../adapters/rekor/rekor-witness';
import { createSigstoreSigner } from '../../adapters/sigstore/sigstore-signer';
import { SetupError } from '../process/setup-error';
import { trustedRootFile, type SeedContext } from '../stack/seed-step';
import { findOnPath } from '../toolchain/path-lookup';
import { seedBases } from './bases';
import { seedDatabase } from './database';
import { seedKeys } from './keys';
import { publishVendorDatabase } from './vendor-database';

function findGoCommand(): string {
  const go = findOnPath('go', process.env['PATH'] ?? '');
  if (!go) {
    throw new SetupError('Go is not on PATH.', 'Install Go 1.25 or newer: https://go.dev/dl/');
  }
  return go;
}

/** Where the worker looks for it; on a stack with the mirror only where the mirror does. */
async function seedVulnerabilities(context: SeedContext): Promise<void> {
  const { mirrorsDatabase, stateDir, registryUrl, custodian: credentials, tools } = context;
  const boltFixtures = await tools('bolt-fixtures');
  if (!mirrorsDatabase) {
    await seedDatabase({ stateDir, boltFixtures });
    return;
  }
  const { cacheDir } = await seedDatabase({ stateDir: join(stateDir, 'vendor'), boltFixtures });
  await publishVendorDatabase({ registryUrl, cacheDir, ...(credentials && { credentials }) });
}

/**
 * Vulnerability database and base images of the local stack, when keys, trusted root, registry and log are there.
 * Safe to repeat; quick when all is there.
 */
export async function seed(context: SeedContext): Promise<void> {
  const { onProgress } = context;
  onProgress('vulnerability database: from the advisories of the repository');
  onProgress('base images: bases/static and bases/go');
  await Promise.all([seedVulnerabilities(context), seedSignedBases(context)]);
}

async function seedSignedBases(context: SeedContext): Promise<void> {
  const { stateDir, rekorUrl, onProgress } = context;
  const { keysDir } = await seedKeys(stateDir);
  const signer = createSigstoreSigner({
    kms: createFileKeyManagement({ dir: keysDir }),
    witness: createRekorWitness({ url: rekorUrl }),
    trustedRootFile: trustedRootFile(stateDir),
  });
  await seedBases({
    registryUrl: context.registryUrl,
    ...(context.custodian ? { credentials: context.custodian } : {}),
    stateDir,
    cacheDir: context.cacheDir,
    signer,
    log: true,
    go: findGoCommand(),
    onProgress,
  });
}
