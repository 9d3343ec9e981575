import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createOnce, ensureKeys } from '../../adapters/kms/ensure-keys';
import { KEY_IDS } from '../../ports/signer';

interface SeededKeys {
  /** For `createFileKeyManagement`. */
  readonly keysDir: string;
  /** Ids of the signing keys, for `writeTrustedRoot`. */
  readonly signingKeyIds: readonly string[];
  /** For `rekor-server serve --signer-filepath`. */
  readonly rekorSignerFile: string;
  /** PEM. */
  readonly rekorPublicKey: string;
}

/** What the registry shows the gateway with its notifications. */
export function notificationSecretFile(stateDir: string): string {
  return join(stateDir, 'registry', 'notification-secret');
}

/** Writes the secret that was given; without one it is made up once and kept. */
export async function seedNotificationSecret(stateDir: string, given?: string): Promise<void> {
  const file = notificationSecretFile(stateDir);
  await mkdir(join(stateDir, 'registry'), { recursive: true });
  if (given === undefined) {
    await createOnce(file, () => randomBytes(32).toString('base64url'));
    return;
  }
  await writeFile(`${file}.new`, given, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Keys of the local stack, made once and kept: what was signed yesterday verifies today. */
export async function seedKeys(stateDir: string, region = 'eu-west-1'): Promise<SeededKeys> {
  const keysDir = join(stateDir, 'keys');
  const signingKeyIds = [KEY_IDS.release(region), KEY_IDS.bases];
  const macKeyIds = [KEY_IDS.revert, KEY_IDS.decision, KEY_IDS.registryToken];
  await ensureKeys(keysDir, { signing: signingKeyIds, mac: macKeyIds });

  const rekorDir = join(stateDir, 'rekor');
  const rekorSignerFile = join(rekorDir, 'signer.pem');
  await mkdir(rekorDir, { recursive: true, mode: 0o700 });
  await createOnce(rekorSignerFile, () =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  const rekorKey = createPublicKey(createPrivateKey(await readFile(rekorSignerFile)));
  const rekorPublicKey = rekorKey.export({ type: 'spki', format: 'pem' }).toString();
  return { keysDir, signingKeyIds, rekorSignerFile, rekorPublicKey };
}
