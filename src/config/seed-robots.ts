import path from 'node:path';
import { z } from 'zod';
import { ENVIRONMENT, readEnvironment } from './environment';

const SeedRobotsEnvironment = z.object({
  PLURA_STATE_DIR: ENVIRONMENT.PLURA_STATE_DIR,
  PLURA_DATABASE_URL: ENVIRONMENT.PLURA_DATABASE_URL,
});

export interface SeedRobotsConfig {
  readonly stateDir: string;
  readonly databaseUrl: string;
}

/** @throws ReleaseError INVALID_INPUT that names the variable. */
export function readSeedRobotsConfig(
  environment: NodeJS.ProcessEnv = process.env,
): SeedRobotsConfig {
  const env = readEnvironment(SeedRobotsEnvironment, environment);
  return { stateDir: path.resolve(env.PLURA_STATE_DIR), databaseUrl: env.PLURA_DATABASE_URL };
}
