import { join } from 'node:path';
import { createFileKeyManagement } from '../../adapters/kms/file-key-management';
import type { RegistryCredentials } from '../../contract/docker-config';
import { seedKeys, seedNotificationSecret } from '../seed/keys';
import { writePublicKeys, writeTrustedRoot } from '../seed/trusted-root';
import type { BinaryName } from '../toolchain/catalogue';
import { httpAt, type StackContext } from './context';
import { robotCredentials } from './robots';

/** What the stack gives to the seeding of base images and vulnerability database (src/local/seed). */
export interface SeedContext {
  readonly registryUrl: string;
  /** Who imports bases; none for a registry without login. */
  readonly custodian?: RegistryCredentials;
  readonly rekorUrl: string;
  readonly stateDir: string;
  /** See StackContext. */
  readonly mirrorsDatabase: boolean;
  /** Layers and databases kept across a reset. */
  readonly cacheDir: string;
  readonly tools: (binary: BinaryName) => Promise<string>;
  readonly onProgress: (line: string) => void;
}

/** Since the log's key was made for this stack, it counts from long before its first entry. */
const LOG_KEY_START = '2024-01-01T00:00:00Z';

export function keysDir(stateDir: string): string {
  return join(stateDir, 'keys');
}

/** Public keys as PEM, for stock `cosign verify --key`. */
export function publicKeysDir(stateDir: string): string {
  return join(stateDir, 'trust');
}

export function trustedRootFile(stateDir: string): string {
  return join(publicKeysDir(stateDir), 'trusted_root.json');
}

/** Keys, the trusted root and public keys for stock cosign. @returns the file of Rekor's signing key */
export async function prepareKeys(context: StackContext): Promise<string> {
  const { stateDir, ports } = context;
  const keys = await seedKeys(stateDir);
  await writeTrustedRoot({
    file: trustedRootFile(stateDir),
    rekorUrl: httpAt(ports.rekor),
    rekorPublicKey: keys.rekorPublicKey,
    hostname: '127.0.0.1',
    start: LOG_KEY_START,
  });
  const kms = createFileKeyManagement({ dir: keys.keysDir });
  await writePublicKeys(publicKeysDir(stateDir), kms, keys.signingKeyIds);
  await seedNotificationSecret(stateDir);
  return keys.rekorSignerFile;
}

export function seedContextOf(context: StackContext): SeedContext {
  return {
    registryUrl: httpAt(context.ports.registry),
    custodian: robotCredentials(context.stateDir, 'custodian'),
    rekorUrl: httpAt(context.ports.rekor),
    stateDir: context.stateDir,
    mirrorsDatabase: context.mirrorsDatabase,
    cacheDir: context.cacheDir,
    tools: context.path,
    onProgress: context.onProgress,
  };
}
