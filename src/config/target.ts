import path from 'node:path';
import { z } from 'zod';
import { ENVIRONMENT, readEnvironment } from './environment';
import { loginOf, type RegistryLogin } from './registry-login';

const TargetEnvironment = z.object({
  PLURA_STATE_DIR: ENVIRONMENT.PLURA_STATE_DIR,
  PLURA_REGISTRY_URL: ENVIRONMENT.PLURA_REGISTRY_URL,
  PLURA_REGISTRY_USERNAME: ENVIRONMENT.PLURA_REGISTRY_USERNAME,
  PLURA_REGISTRY_PASSWORD_FILE: ENVIRONMENT.PLURA_REGISTRY_PASSWORD_FILE,
  PLURA_LOG_LEVEL: ENVIRONMENT.PLURA_LOG_LEVEL,
  /** API and metrics, on 127.0.0.1; each service has a router port of its own beside it. */
  PLURA_PORT: z.coerce.number().int().min(0).max(65_535).default(7420),
  /** The runc binary. */
  PLURA_RUNC: z.string().min(1).default('runc'),
  /** File: the bearer token, mode 0600; made when there is none. Default: {state dir}/target/token. */
  PLURA_TARGET_TOKEN_FILE: z.string().min(1).optional(),
});

export interface TargetConfig {
  readonly port: number;
  readonly registryUrl: string;
  readonly registryLogin: RegistryLogin | null;
  /** Absolute: runc's bundles name paths. */
  readonly stateDir: string;
  readonly tokenFile: string;
  readonly runc: string;
  readonly logLevel: z.infer<typeof ENVIRONMENT.PLURA_LOG_LEVEL>;
}

/** @throws ReleaseError INVALID_INPUT that names the variable. */
export function readTargetConfig(environment: NodeJS.ProcessEnv = process.env): TargetConfig {
  const env = readEnvironment(TargetEnvironment, environment);
  const stateDir = path.resolve(env.PLURA_STATE_DIR, 'target');
  return {
    port: env.PLURA_PORT,
    registryUrl: env.PLURA_REGISTRY_URL,
    registryLogin: loginOf(env, 'PLURA_REGISTRY'),
    stateDir,
    tokenFile: path.resolve(env.PLURA_TARGET_TOKEN_FILE ?? path.join(stateDir, 'token')),
    runc: env.PLURA_RUNC,
    logLevel: env.PLURA_LOG_LEVEL,
  };
}
