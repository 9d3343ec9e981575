import path from 'node:path';
import { z } from 'zod';
import { ReleaseError } from '../contract/errors';
import type { KeyRevocation } from '../domain/keys';
import { readEnvironment } from './environment';
import { readAwsKeys, readRevocations, type AwsKeyConfig } from './keys-file';

const KmsEnvironment = z.object({
  /** Where the keys are behind the KeyManagement port. */
  PLURA_KMS: z.enum(['file', 'aws', 'transit']).default('file'),
  /** Folder of the file keys; with `aws` of the MAC keys alone. */
  PLURA_KEYS_DIR: z.string().min(1).optional(),
  /** File: which KMS key each signing key is, YAML. */
  PLURA_AWS_KEYS: z.string().min(1).optional(),
  /** File: PEM of the CA of a private endpoint. */
  PLURA_KMS_CA_FILE: z.string().min(1).optional(),
  PLURA_TRANSIT_URL: z.url({ protocol: /^https?$/ }).optional(),
  PLURA_TRANSIT_MOUNT: z
    .string()
    .regex(/^[\w-]+(?:\/[\w-]+)*$/)
    .default('transit'),
  PLURA_TRANSIT_NAMESPACE: z
    .string()
    .regex(/^[\w-]+(?:\/[\w-]+)*\/?$/)
    .optional(),
  /** File that an agent keeps a fresh token in. */
  PLURA_TRANSIT_TOKEN_FILE: z.string().min(1).optional(),
  /** How long signatures of a former version count without a record that dates them. */
  PLURA_TRANSIT_OVERLAP_DAYS: z.coerce.number().int().min(0).max(3650).default(180),
  /** File: which versions are revoked, YAML. */
  PLURA_TRANSIT_REVOCATIONS: z.string().min(1).optional(),
});

export type KmsConfig =
  | { readonly kind: 'file'; readonly keysDir: string }
  | {
      readonly kind: 'aws';
      /** Of the MAC keys. */
      readonly keysDir: string;
      readonly keys: Readonly<Record<string, AwsKeyConfig>>;
      readonly caFile: string | null;
    }
  | {
      readonly kind: 'transit';
      readonly url: string;
      readonly mount: string;
      readonly namespace: string | null;
      readonly tokenFile: string;
      readonly caFile: string | null;
      readonly overlapMs: number;
      /** By key id, then by version. */
      readonly revocations: Readonly<Record<string, Readonly<Record<string, KeyRevocation>>>>;
    };

type KmsVariables = z.output<typeof KmsEnvironment>;

const DAY_MS = 86_400_000;

/** @throws ReleaseError INVALID_INPUT that names the variable, or the line of a file. */
export function readKmsConfig(environment: NodeJS.ProcessEnv = process.env): KmsConfig {
  const env = readEnvironment(KmsEnvironment, environment);
  const caFile = env.PLURA_KMS_CA_FILE === undefined ? null : path.resolve(env.PLURA_KMS_CA_FILE);
  switch (env.PLURA_KMS) {
    case 'file':
      return { kind: 'file', keysDir: path.resolve(needed(env, 'PLURA_KEYS_DIR')) };
    case 'aws':
      return {
        kind: 'aws',
        keysDir: path.resolve(needed(env, 'PLURA_KEYS_DIR')),
        keys: readAwsKeys(path.resolve(needed(env, 'PLURA_AWS_KEYS'))),
        caFile,
      };
    case 'transit': {
      const revocations = env.PLURA_TRANSIT_REVOCATIONS;
      return {
        kind: 'transit',
        url: needed(env, 'PLURA_TRANSIT_URL'),
        mount: env.PLURA_TRANSIT_MOUNT,
        namespace: env.PLURA_TRANSIT_NAMESPACE ?? null,
        tokenFile: path.resolve(needed(env, 'PLURA_TRANSIT_TOKEN_FILE')),
        caFile,
        overlapMs: env.PLURA_TRANSIT_OVERLAP_DAYS * DAY_MS,
        revocations: revocations === undefined ? {} : readRevocations(path.resolve(revocations)),
      };
    }
  }
}

function needed<K extends keyof KmsVariables>(
  env: KmsVariables,
  field: K,
): NonNullable<KmsVariables[K]> {
  const value = env[field];
  if (value === undefined) {
    throw new ReleaseError('INVALID_INPUT', `${field}: is needed with PLURA_KMS=${env.PLURA_KMS}`, {
      details: { field, remedy: `set ${field} to a value that fits (docs/configuration.md)` },
    });
  }
  return value;
}
