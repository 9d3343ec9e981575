import path from 'node:path';
import { z } from 'zod';
import { BackendUrl, Origin } from './backend-url';
import { ENVIRONMENT, readEnvironment } from './environment';
import { readKmsConfig, type KmsConfig } from './kms';
import { loginOf, type RegistryLogin } from './registry-login';

const GatewayEnvironment = z.object({
  PLURA_DATABASE_URL: ENVIRONMENT.PLURA_DATABASE_URL,
  PLURA_POLICY: ENVIRONMENT.PLURA_POLICY,
  PLURA_LOG_LEVEL: ENVIRONMENT.PLURA_LOG_LEVEL,
  /** Loopback unless a container network keeps others out. */
  PLURA_HOST: z.string().min(1).default('127.0.0.1'),
  PLURA_PORT: z.coerce.number().int().min(1).max(65_535).default(5080),
  /** The registry behind the gateway; nobody else should reach it. */
  PLURA_BACKEND_URL: BackendUrl,
  PLURA_BACKEND_USERNAME: z.string().min(1).optional(),
  PLURA_BACKEND_PASSWORD_FILE: z.string().min(1).optional(),
  /** The registry's storage folder, where gateway and registry share a disk: blobs are read there. */
  PLURA_BACKEND_STORAGE_DIR: z
    .string()
    .regex(/^\/[^\0]*$/, 'must be an absolute path')
    .optional(),
  /** How clients reach the gateway, when a proxy in front changes it; otherwise `Host` is believed. */
  PLURA_PUBLIC_URL: Origin.optional(),
  /** File with the bearer secret of the registry's own notifications; without it none are taken. */
  PLURA_NOTIFICATION_SECRET_FILE: z.string().min(1).optional(),
});

export interface GatewayConfig {
  readonly host: string;
  readonly port: number;
  readonly backend: {
    readonly url: string;
    readonly login: RegistryLogin | null;
    readonly storageDir: string | null;
  };
  readonly databaseUrl: string;
  readonly kms: KmsConfig;
  readonly policyFile: string;
  readonly publicUrl: string | null;
  readonly notificationSecretFile: string | null;
  readonly logLevel: string;
}

/** @throws ReleaseError INVALID_INPUT that names the variable. */
export function readGatewayConfig(environment: NodeJS.ProcessEnv = process.env): GatewayConfig {
  const env = readEnvironment(GatewayEnvironment, environment);
  const secretFile = env.PLURA_NOTIFICATION_SECRET_FILE;
  return {
    host: env.PLURA_HOST,
    port: env.PLURA_PORT,
    backend: {
      url: env.PLURA_BACKEND_URL,
      login: loginOf(env, 'PLURA_BACKEND'),
      storageDir: env.PLURA_BACKEND_STORAGE_DIR ?? null,
    },
    databaseUrl: env.PLURA_DATABASE_URL,
    kms: readKmsConfig(environment),
    policyFile: path.resolve(env.PLURA_POLICY),
    publicUrl: env.PLURA_PUBLIC_URL ?? null,
    notificationSecretFile: secretFile === undefined ? null : path.resolve(secretFile),
    logLevel: env.PLURA_LOG_LEVEL,
  };
}
