import path from 'node:path';
import { z } from 'zod';
import { ReleaseError } from '../contract/errors';

const IssuerEnvironment = z.object({
  PLURA_STATE_DIR: z.string().min(1).default('.plura'),
  /** Loopback unless a container network keeps others out. */
  PLURA_ISSUER_HOST: z.string().min(1).default('127.0.0.1'),
  PLURA_ISSUER_PORT: z.coerce.number().int().min(1).max(65_535).default(7410),
  /** `iss` of the tokens; the API must be told the same. Default: http://{host}:{port}. */
  PLURA_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  PLURA_AUDIENCE: z.string().min(1).default('plura-reg'),
});

export interface IssuerConfig {
  readonly stateDir: string;
  readonly host: string;
  readonly port: number;
  readonly issuer: string;
  readonly audience: string;
}

/** @throws ReleaseError INVALID_INPUT that names the variable. */
export function readIssuerConfig(environment: NodeJS.ProcessEnv = process.env): IssuerConfig {
  const parsed = IssuerEnvironment.safeParse(environment);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join('.') ?? '';
    throw new ReleaseError('INVALID_INPUT', `${field}: ${issue?.message ?? ''}`, {
      details: { field, remedy: `set ${field} to a value that fits, or leave it out` },
    });
  }
  const env = parsed.data;
  const base = env.PLURA_ISSUER ?? `http://${env.PLURA_ISSUER_HOST}:${env.PLURA_ISSUER_PORT}`;
  return {
    stateDir: path.resolve(env.PLURA_STATE_DIR),
    host: env.PLURA_ISSUER_HOST,
    port: env.PLURA_ISSUER_PORT,
    issuer: base.replace(/\/$/, ''),
    audience: env.PLURA_AUDIENCE,
  };
}
