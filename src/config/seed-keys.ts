import path from 'node:path';
import { z } from 'zod';
import { ENVIRONMENT, readEnvironment } from './environment';

const SeedKeysEnvironment = z.object({
  PLURA_STATE_DIR: ENVIRONMENT.PLURA_STATE_DIR,
  PLURA_REKOR_URL: ENVIRONMENT.PLURA_REKOR_URL,
  PLURA_TRUSTED_ROOT: ENVIRONMENT.PLURA_TRUSTED_ROOT,
  PLURA_BASES: ENVIRONMENT.PLURA_BASES,
  /** What the registry shows the gateway with its notifications; made up when it is not given. */
  PLURA_NOTIFICATION_SECRET: z
    .string()
    .regex(/^[\w.~+/-]{32,200}$/)
    .optional(),
  /** Signing region whose key is made. */
  PLURA_REGION: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/)
    .default('eu-west-1'),
});

export interface SeedKeysConfig {
  readonly stateDir: string;
  readonly rekorUrl: string;
  readonly trustedRootFile: string;
  readonly basesFile: string;
  readonly region: string;
  readonly notificationSecret: string | undefined;
}

/** @throws ReleaseError INVALID_INPUT that names the variable. */
export function readSeedKeysConfig(environment: NodeJS.ProcessEnv = process.env): SeedKeysConfig {
  const env = readEnvironment(SeedKeysEnvironment, environment);
  return {
    stateDir: path.resolve(env.PLURA_STATE_DIR),
    rekorUrl: env.PLURA_REKOR_URL,
    trustedRootFile: path.resolve(env.PLURA_TRUSTED_ROOT),
    basesFile: path.resolve(env.PLURA_BASES),
    region: env.PLURA_REGION,
    notificationSecret: env.PLURA_NOTIFICATION_SECRET,
  };
}
