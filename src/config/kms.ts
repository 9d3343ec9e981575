import path from 'node:path';
import { z } from 'zod';
import { ReleaseError } from '../contract/errors';
import { readEnvironment } from './environment';

const KmsEnvironment = z.object({
  /** Where the keys are behind the KeyManagement port. */
  PLURA_KMS: z.enum(['file', 'aws', 'transit']).default('file'),
  /** Folder of the file keys; with `aws` of the MAC keys alone. */
  PLURA_KEYS_DIR: z.string().min(1).optional(),
  /** Folder of the public halves of file keys, all that a verifier gets. */
  PLURA_PUBLIC_KEYS_DIR: z.string().min(1).optional(),
  /** How often PLURA_AWS_KEYS and PLURA_TRANSIT_REVOCATIONS are looked at for a change. */
  PLURA_KEYS_RELOAD_MS: z.coerce.number().int().min(100).max(300_000).default(5_000),
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

/** A file that is read again when it changes. */
interface Reloaded {
  readonly file: string;
  readonly everyMs: number;
}

interface AwsConfig {
  readonly kind: 'aws';
  readonly keys: Reloaded;
  readonly caFile: string | null;
}

interface TransitConfig {
  readonly kind: 'transit';
  readonly url: string;
  readonly mount: string;
  readonly namespace: string | null;
  readonly tokenFile: string;
  readonly caFile: string | null;
  readonly overlapMs: number;
  readonly revocations: Reloaded | null;
}

/** `keysDir` with AWS is that of the MAC keys. */
export type KmsConfig =
  | { readonly kind: 'file'; readonly keysDir: string }
  | (AwsConfig & { readonly keysDir: string })
  | TransitConfig;

/** What a process needs that verifies and signs nothing. */
export type VerifierKeysConfig =
  { readonly kind: 'file'; readonly publicKeysDir: string } | AwsConfig | TransitConfig;

type KmsVariables = z.output<typeof KmsEnvironment>;

const DAY_MS = 86_400_000;

/** @throws ReleaseError INVALID_INPUT that names the variable, or the line of a file. */
export function readKmsConfig(environment: NodeJS.ProcessEnv = process.env): KmsConfig {
  const env = readEnvironment(KmsEnvironment, environment);
  switch (env.PLURA_KMS) {
    case 'file':
      return { kind: 'file', keysDir: path.resolve(needed(env, 'PLURA_KEYS_DIR')) };
    case 'aws':
      return { keysDir: path.resolve(needed(env, 'PLURA_KEYS_DIR')), ...awsOf(env) };
    case 'transit':
      return transitOf(env);
  }
}

/** Where public halves are written beside the keys; null: nowhere. @throws ReleaseError INVALID_INPUT */
export function readPublicKeysDir(environment: NodeJS.ProcessEnv = process.env): string | null {
  const { PLURA_PUBLIC_KEYS_DIR: dir } = readEnvironment(KmsEnvironment, environment);
  return dir === undefined ? null : path.resolve(dir);
}

/** @throws ReleaseError INVALID_INPUT that names the variable, or the line of a file. */
export function readVerifierKeysConfig(
  environment: NodeJS.ProcessEnv = process.env,
): VerifierKeysConfig {
  const env = readEnvironment(KmsEnvironment, environment);
  switch (env.PLURA_KMS) {
    case 'file':
      return { kind: 'file', publicKeysDir: path.resolve(needed(env, 'PLURA_PUBLIC_KEYS_DIR')) };
    case 'aws':
      return awsOf(env);
    case 'transit':
      return transitOf(env);
  }
}

function awsOf(env: KmsVariables): AwsConfig {
  const file = path.resolve(needed(env, 'PLURA_AWS_KEYS'));
  return {
    kind: 'aws',
    keys: { file, everyMs: env.PLURA_KEYS_RELOAD_MS },
    caFile: caFileOf(env),
  };
}

function transitOf(env: KmsVariables): TransitConfig {
  const { PLURA_TRANSIT_REVOCATIONS: revocations, PLURA_KEYS_RELOAD_MS: everyMs } = env;
  return {
    kind: 'transit',
    url: needed(env, 'PLURA_TRANSIT_URL'),
    mount: env.PLURA_TRANSIT_MOUNT,
    namespace: env.PLURA_TRANSIT_NAMESPACE ?? null,
    tokenFile: path.resolve(needed(env, 'PLURA_TRANSIT_TOKEN_FILE')),
    caFile: caFileOf(env),
    overlapMs: env.PLURA_TRANSIT_OVERLAP_DAYS * DAY_MS,
    revocations: revocations === undefined ? null : { file: path.resolve(revocations), everyMs },
  };
}

function caFileOf({ PLURA_KMS_CA_FILE: file }: KmsVariables): string | null {
  return file === undefined ? null : path.resolve(file);
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
