import path from 'node:path';
import { z } from 'zod';
import { ENVIRONMENT, readEnvironment } from './environment';
import { readKmsConfig, type KmsConfig } from './kms';
import { loginOf, type RegistryLogin } from './registry-login';
import { readWormConfig, type WormConfig } from './worm';

const ApiEnvironment = z.object({
  ...ENVIRONMENT,
  /** Loopback unless a container network keeps others out. */
  PLURA_HOST: z.string().min(1).default('127.0.0.1'),
  PLURA_PORT: z.coerce.number().int().min(1).max(65_535).default(7400),
  /** `iss` of accepted tokens; its keys are at `{url}/jwks` unless PLURA_JWKS_URL says otherwise. */
  PLURA_ISSUER_URL: z.url({ protocol: /^https?$/ }),
  PLURA_JWKS_URL: z.url({ protocol: /^https?$/ }).optional(),
  PLURA_AUDIENCE: z.string().min(1).default('plura-reg'),
  /** File: how the admission webhook works, so that `why` judges as it does; without it by what is shipped, and by no name of the registry. */
  PLURA_ADMISSION: z.string().min(1).optional(),
  PLURA_RATE_LIMIT_PER_MINUTE: z.coerce.number().int().min(1).max(1_000_000).default(3000),
});

export interface ApiConfig {
  readonly host: string;
  readonly port: number;
  readonly registryUrl: string;
  readonly registryLogin: RegistryLogin | null;
  readonly databaseUrl: string;
  readonly temporal: {
    readonly address: string;
    readonly namespace: string;
    readonly uiUrl: string;
  };
  readonly trustedRootFile: string;
  readonly kms: KmsConfig;
  readonly policyFile: string;
  readonly catalogFile: string;
  /** Null: by what is shipped. */
  readonly admissionFile: string | null;
  readonly sourceRoot: string;
  readonly basesFile: string;
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly audience: string;
  readonly scrapeIntervalMs: number;
  readonly rateLimitPerMinute: number;
  readonly worm: WormConfig | null;
  readonly logLevel: string;
}

/** @throws ReleaseError INVALID_INPUT that names the variable. */
export function readApiConfig(environment: NodeJS.ProcessEnv = process.env): ApiConfig {
  const env = readEnvironment(ApiEnvironment, environment);
  const issuer = env.PLURA_ISSUER_URL.replace(/\/$/, '');
  return {
    host: env.PLURA_HOST,
    port: env.PLURA_PORT,
    registryUrl: env.PLURA_REGISTRY_URL,
    registryLogin: loginOf(env, 'PLURA_REGISTRY'),
    databaseUrl: env.PLURA_DATABASE_URL,
    temporal: {
      address: env.PLURA_TEMPORAL_ADDRESS,
      namespace: env.PLURA_TEMPORAL_NAMESPACE,
      uiUrl: env.PLURA_TEMPORAL_UI_URL.replace(/\/$/, ''),
    },
    trustedRootFile: path.resolve(env.PLURA_TRUSTED_ROOT),
    kms: readKmsConfig(environment),
    policyFile: path.resolve(env.PLURA_POLICY),
    catalogFile: path.resolve(env.PLURA_CATALOG),
    admissionFile: env.PLURA_ADMISSION === undefined ? null : path.resolve(env.PLURA_ADMISSION),
    sourceRoot: path.resolve(env.PLURA_SOURCE_ROOT),
    basesFile: path.resolve(env.PLURA_BASES),
    issuer,
    jwksUrl: env.PLURA_JWKS_URL ?? `${issuer}/jwks`,
    audience: env.PLURA_AUDIENCE,
    scrapeIntervalMs: env.PLURA_SCRAPE_INTERVAL_MS,
    rateLimitPerMinute: env.PLURA_RATE_LIMIT_PER_MINUTE,
    worm: readWormConfig(environment),
    logLevel: env.PLURA_LOG_LEVEL,
  };
}
