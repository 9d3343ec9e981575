import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
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

/** Keys of the local stack, made once and kept: what was signed yesterday verifies today. */
export async function seedKeys(stateDir: string, region = 'eu-west-1'): Promise<SeededKeys> {
  const keysDir = join(stateDir, 'keys');
  const signingKeyIds = [KEY_IDS.release(region), KEY_IDS.bases];
  await ensureKeys(keysDir, { signing: signingKeyIds, mac: [KEY_IDS.revert, KEY_IDS.decision] });

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
