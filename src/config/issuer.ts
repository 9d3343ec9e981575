import path from 'node:path';
import { z } from 'zod';
import { ENVIRONMENT, readEnvironment } from './environment';

const IssuerEnvironment = z.object({
  PLURA_STATE_DIR: ENVIRONMENT.PLURA_STATE_DIR,
  PLURA_LOG_LEVEL: ENVIRONMENT.PLURA_LOG_LEVEL,
  /** Loopback unless a container network keeps others out. */
  PLURA_ISSUER_HOST: z.string().min(1).default('127.0.0.1'),
  PLURA_ISSUER_PORT: z.coerce.number().int().min(1).max(65_535).default(8720),
  /** `iss` of the tokens, the same for the API. Default: http://{host}:{port}. */
  PLURA_ISSUER_URL: z.url({ protocol: /^https?$/ }).optional(),
  PLURA_AUDIENCE: z.string().min(1).default('plura-reg'),
});

export interface IssuerConfig {
  readonly stateDir: string;
  readonly host: string;
  readonly port: number;
  readonly issuer: string;
  readonly audience: string;
  readonly logLevel: string;
}

/** @throws ReleaseError INVALID_INPUT that names the variable. */
export function readIssuerConfig(environment: NodeJS.ProcessEnv = process.env): IssuerConfig {
  const env = readEnvironment(IssuerEnvironment, environment);
  const base = env.PLURA_ISSUER_URL ?? `http://${env.PLURA_ISSUER_HOST}:${env.PLURA_ISSUER_PORT}`;
  return {
    stateDir: path.resolve(env.PLURA_STATE_DIR),
    host: env.PLURA_ISSUER_HOST,
    port: env.PLURA_ISSUER_PORT,
    issuer: base.replace(/\/$/, ''),
    audience: env.PLURA_AUDIENCE,
    logLevel: env.PLURA_LOG_LEVEL,
  };
}
