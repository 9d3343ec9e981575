import { stat, writeFile } from 'node:fs/promises';
import { createFileKeyManagement } from '../adapters/kms/file-key-management';
import { readSeedKeysConfig, type SeedKeysConfig } from '../config/seed-keys';
import { seedKeys, seedNotificationSecret } from '../local/seed/keys';
import { writePublicKeys, writeTrustedRoot } from '../local/seed/trusted-root';

/** `{}` until someone imports bases; what is there stays. */
async function ensureBases(file: string): Promise<void> {
  try {
    await writeFile(file, '{}\n', { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw error;
    }
  }
}

/** Makes the file keys, the log's key and the trusted root of an installation; safe to repeat. */
async function seed(config: SeedKeysConfig): Promise<void> {
  const keys = await seedKeys(config.stateDir, config.region);
  const { mtime } = await stat(keys.rekorSignerFile);
  await writeTrustedRoot({
    file: config.trustedRootFile,
    rekorUrl: config.rekorUrl,
    rekorPublicKey: keys.rekorPublicKey,
    hostname: new URL(config.rekorUrl).hostname,
    start: `${mtime.toISOString().slice(0, 19)}Z`,
  });
  const kms = createFileKeyManagement({ dir: keys.keysDir });
  await writePublicKeys(`${config.stateDir}/trust`, kms, keys.signingKeyIds);
  await seedNotificationSecret(config.stateDir, config.notificationSecret);
  await ensureBases(config.basesFile);
}

seed(readSeedKeysConfig()).catch((error: unknown) => {
  process.stderr.write(`seed-keys: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
