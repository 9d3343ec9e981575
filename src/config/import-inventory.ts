import { z } from 'zod';
import { BackendUrl } from './backend-url';
import { ENVIRONMENT, readEnvironment } from './environment';
import { loginOf, type RegistryLogin } from './registry-login';

const ImportEnvironment = z.object({
  PLURA_DATABASE_URL: ENVIRONMENT.PLURA_DATABASE_URL,
  /** The registry behind the gateway. */
  PLURA_BACKEND_URL: BackendUrl,
  PLURA_BACKEND_USERNAME: ENVIRONMENT.PLURA_REGISTRY_USERNAME,
  PLURA_BACKEND_PASSWORD_FILE: ENVIRONMENT.PLURA_REGISTRY_PASSWORD_FILE,
  /** Its folder; without it, what its API lists: no manifest without a tag. */
  PLURA_BACKEND_STORAGE_DIR: z.string().min(1).optional(),
  /** How it keeps things there: as distribution does, or as OCI image layouts (zot, olareg). */
  PLURA_IMPORT_LAYOUT: z.enum(['distribution', 'oci']).default('distribution'),
  PLURA_IMPORT_REQUESTS_PER_SECOND: z.coerce.number().int().min(1).max(10_000).default(50),
});

export interface ImportConfig {
  readonly databaseUrl: string;
  readonly backend: { readonly url: string; readonly login: RegistryLogin | null };
  readonly storageDir: string | null;
  readonly layout: 'distribution' | 'oci';
  readonly requestsPerSecond: number;
}

/** @throws ReleaseError INVALID_INPUT that names the variable. */
export function readImportConfig(environment: NodeJS.ProcessEnv = process.env): ImportConfig {
  const env = readEnvironment(ImportEnvironment, environment);
  return {
    databaseUrl: env.PLURA_DATABASE_URL,
    backend: { url: env.PLURA_BACKEND_URL, login: loginOf(env, 'PLURA_BACKEND') },
    storageDir: env.PLURA_BACKEND_STORAGE_DIR ?? null,
    layout: env.PLURA_IMPORT_LAYOUT,
    requestsPerSecond: env.PLURA_IMPORT_REQUESTS_PER_SECOND,
  };
}
