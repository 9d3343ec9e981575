import { readFile } from 'node:fs/promises';
import { createAwsSigningKeys } from '../adapters/kms/aws-key-management';
import { composeKeyManagement } from '../adapters/kms/compose-key-management';
import { createFileKeyManagement } from '../adapters/kms/file-key-management';
import { createTransitKeyManagement } from '../adapters/kms/transit-key-management';
import type { KmsConfig } from '../config/kms';
import { failureReason } from '../contract/error-reason';
import { ReleaseError } from '../contract/errors';
import type { KeyManagement } from '../ports/signer';

/** @throws ReleaseError INVALID_INPUT for a CA file that cannot be read, and for a key of another region. */
export async function createKeyManagement(config: KmsConfig): Promise<KeyManagement> {
  switch (config.kind) {
    case 'file':
      return createFileKeyManagement({ dir: config.keysDir });
    case 'aws': {
      const signing = createAwsSigningKeys({ keys: config.keys, ...(await readCa(config.caFile)) });
      const mac = createFileKeyManagement({ dir: config.keysDir });
      return composeKeyManagement({ signing, mac });
    }
    case 'transit':
      return createTransitKeyManagement({ ...config, ...(await readCa(config.caFile)) });
  }
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
