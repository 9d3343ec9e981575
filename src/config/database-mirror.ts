import { z } from 'zod';
import { ReleaseError } from '../contract/errors';
import type { DatabaseKind } from '../domain/advisories/database-mirror';
import { isRepositoryName } from '../domain/registry/repository-class';
import { ENVIRONMENT } from './environment';
import { loginOf, type RegistryLogin } from './registry-login';

/** `https://registry.example/aquasecurity/trivy-db:2`, or with a digest. */
const Source = z.url({ protocol: /^https?$/ }).optional();

export const DatabaseMirrorEnvironment = {
  /** Where the scanner's database is mirrored from; without it nothing is, and somebody else fills PLURA_TRIVY_CACHE_DIR. */
  PLURA_DATABASE_MIRROR_SOURCE: Source,
  /** Likewise the one that tells jar files apart; it is mirrored with the other. */
  PLURA_DATABASE_MIRROR_JAVA_SOURCE: Source,
  PLURA_DATABASE_MIRROR_USERNAME: ENVIRONMENT.PLURA_REGISTRY_USERNAME,
  PLURA_DATABASE_MIRROR_PASSWORD_FILE: ENVIRONMENT.PLURA_REGISTRY_PASSWORD_FILE,
  PLURA_DATABASE_MIRROR_INTERVAL_MS: z.coerce
    .number()
    .int()
    .min(60_000)
    .max(86_400_000)
    .default(21_600_000),
} as const;

export interface DatabaseSourceConfig {
  readonly kind: DatabaseKind;
  /** Of the registry, without a path. */
  readonly url: string;
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
}

export interface DatabaseMirrorConfig {
  readonly sources: readonly DatabaseSourceConfig[];
  readonly login: RegistryLogin | null;
  readonly intervalMs: number;
}

type Environment = z.output<z.ZodObject<typeof DatabaseMirrorEnvironment>>;
type SourceField = 'PLURA_DATABASE_MIRROR_SOURCE' | 'PLURA_DATABASE_MIRROR_JAVA_SOURCE';

const REFERENCE =
  /^\/(?<repository>.+?)(?::(?<tag>[\w][\w.-]{0,127})|@(?<digest>sha256:[0-9a-f]{64}))$/;

/** @throws ReleaseError INVALID_INPUT that names the variable. */
function readSource(field: SourceField, kind: DatabaseKind, text: string): DatabaseSourceConfig {
  const { origin, pathname, username, password } = new URL(text);
  const { repository = '', tag, digest } = REFERENCE.exec(pathname)?.groups ?? {};
  const reference = tag ?? digest;
  if (reference !== undefined && isRepositoryName(repository) && `${username}${password}` === '') {
    return { kind, url: origin, repository, reference };
  }
  throw new ReleaseError('INVALID_INPUT', `${field}: is no artifact of a registry`, {
    details: { field, remedy: `write it as https://registry.example/aquasecurity/trivy-db:2` },
  });
}

/** Null when no source is given. @throws ReleaseError INVALID_INPUT that names the variable. */
export function databaseMirrorOf(env: Environment): DatabaseMirrorConfig | null {
  const { PLURA_DATABASE_MIRROR_SOURCE: main, PLURA_DATABASE_MIRROR_JAVA_SOURCE: java } = env;
  const login = loginOf(env, 'PLURA_DATABASE_MIRROR');
  const intervalMs = env.PLURA_DATABASE_MIRROR_INTERVAL_MS;
  if (main === undefined) {
    if (java === undefined) return null;
    const field = 'PLURA_DATABASE_MIRROR_SOURCE';
    throw new ReleaseError('INVALID_INPUT', `${field}: is needed with a source for Java`, {
      details: { field, remedy: 'name the database of vulnerabilities too' },
    });
  }
  const sources = [
    readSource('PLURA_DATABASE_MIRROR_SOURCE', 'vulnerabilities', main),
    ...(java === undefined ? [] : [readSource('PLURA_DATABASE_MIRROR_JAVA_SOURCE', 'java', java)]),
  ];
  return { sources, login, intervalMs };
}
