import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { createAwsSigningKeys } from '../adapters/kms/aws-key-management';
import { composeKeyManagement, type SigningKeys } from '../adapters/kms/compose-key-management';
import { createFileKeyManagement } from '../adapters/kms/file-key-management';
import { createPublicKeyFiles } from '../adapters/kms/public-key-files';
import { createReloadedFile } from '../adapters/kms/reloaded-file';
import { createTransitKeyManagement } from '../adapters/kms/transit-key-management';
import type { KmsConfig, VerifierKeysConfig } from '../config/kms';
import { readAwsKeys, readRevocations } from '../config/keys-file';
import { failureReason } from '../contract/error-reason';
import { ReleaseError } from '../contract/errors';
import type { KeyManagement, KeyRings } from '../ports/signer';

type Log = Pick<Logger, 'error'>;
type AwsConfig = Extract<VerifierKeysConfig, { readonly kind: 'aws' }>;
type TransitConfig = Extract<VerifierKeysConfig, { readonly kind: 'transit' }>;

/** @throws ReleaseError INVALID_INPUT for a file that cannot be read, and for a key of another region. */
export async function createKeyManagement(config: KmsConfig, log: Log): Promise<KeyManagement> {
  switch (config.kind) {
    case 'file':
      return createFileKeyManagement({ dir: config.keysDir });
    case 'aws': {
      const mac = createFileKeyManagement({ dir: config.keysDir });
      return composeKeyManagement({ signing: await createAwsKeys(config, log), mac });
    }
    case 'transit':
      return createTransitKeys(config, log);
  }
}

/** Public halves alone, for what verifies and signs nothing. @throws ReleaseError INVALID_INPUT likewise */
export async function createVerifierKeys(config: VerifierKeysConfig, log: Log): Promise<KeyRings> {
  switch (config.kind) {
    case 'file':
      return createPublicKeyFiles({ dir: config.publicKeysDir });
    case 'aws':
      return createAwsKeys(config, log);
    case 'transit':
      return createTransitKeys(config, log);
  }
}

async function createAwsKeys({ keys, caFile }: AwsConfig, log: Log): Promise<SigningKeys> {
  const ca = await readCa(caFile);
  const current = await createReloadedFile({
    ...keys,
    load: () => createAwsSigningKeys({ keys: readAwsKeys(keys.file), ...ca }),
    onBadFile: tell(log, 'PLURA_AWS_KEYS'),
  });
  return {
    sign: async (keyId, data) => (await current()).sign(keyId, data),
    publicKey: async (keyId) => (await current()).publicKey(keyId),
    keyRing: async (keyId) => (await current()).keyRing(keyId),
  };
}

async function createTransitKeys(
  { revocations, caFile, ...config }: TransitConfig,
  log: Log,
): Promise<KeyManagement> {
  const read =
    revocations &&
    (await createReloadedFile({
      ...revocations,
      load: () => readRevocations(revocations.file),
      onBadFile: tell(log, 'PLURA_TRANSIT_REVOCATIONS'),
    }));
  return createTransitKeyManagement({
    ...config,
    ...(await readCa(caFile)),
    revocations: read ?? (() => Promise.resolve({})),
  });
}

function tell(log: Log, variable: string): (error: unknown) => void {
  return (error) => {
    log.error(
      { reason: failureReason(error) },
      `${variable} can't be read: what it said before stays`,
    );
  };
}

async function readCa(file: string | null): Promise<{ readonly ca?: string }> {
  if (file === null) return {};
  try {
    return { ca: await readFile(file, 'utf8') };
  } catch (cause) {
    throw new ReleaseError('INVALID_INPUT', `PLURA_KMS_CA_FILE: ${failureReason(cause)}`, {
      cause,
      details: { field: 'PLURA_KMS_CA_FILE', remedy: 'name a readable PEM file' },
    });
  }
}
