import { ReleaseError } from '../contract/errors';

/** Name of a robot and the file with its secret. */
export interface RegistryLogin {
  readonly username: string;
  readonly passwordFile: string;
}

type Prefix =
  | 'PLURA_REGISTRY'
  | 'PLURA_BUILDER_REGISTRY'
  | 'PLURA_CUSTODIAN_REGISTRY'
  | 'PLURA_RETENTION_REGISTRY'
  | 'PLURA_SCANNER_REGISTRY'
  | 'PLURA_BACKEND';

/**
 * Null for a registry that asks for none.
 *
 * @throws ReleaseError INVALID_INPUT that names the variable when one stands without the other.
 */
export function loginOf<P extends Prefix>(
  env: { readonly [Name in `${P}_USERNAME` | `${P}_PASSWORD_FILE`]?: string | undefined },
  prefix: P,
): RegistryLogin | null {
  const username: string | undefined = env[`${prefix}_USERNAME` as const];
  const passwordFile: string | undefined = env[`${prefix}_PASSWORD_FILE` as const];
  if (username !== undefined && passwordFile !== undefined) return { username, passwordFile };
  if (username === undefined && passwordFile === undefined) return null;
  const [present, absent] =
    username === undefined ? ['PASSWORD_FILE', 'USERNAME'] : ['USERNAME', 'PASSWORD_FILE'];
  const field = `${prefix}_${absent}`;
  throw new ReleaseError('INVALID_INPUT', `${field}: is needed with ${prefix}_${present}`, {
    details: { field, remedy: 'name a robot of the registry and the file with its secret' },
  });
}
