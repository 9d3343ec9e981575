import { ReleaseError } from '../../../contract/errors';
import { basesPolicyOf, type BaseFamily } from '../../../domain/bases/family';
import type { ApiDependencies } from '../../dependencies';

/** @throws ReleaseError BASE_NOT_FOUND */
export function requireFamily(
  { policy }: Pick<ApiDependencies, 'policy'>,
  name: string,
): BaseFamily {
  const { families } = basesPolicyOf(policy);
  const family = families.find((one) => one.name === name);
  if (family) return family;
  const known = families.map((one) => one.name).join(', ') || 'none';
  throw new ReleaseError('BASE_NOT_FOUND', `The policy has no family of bases "${name}"`, {
    details: {
      field: 'family',
      remedy: `one of: ${known}; or add it to the policy (bases.families)`,
    },
  });
}
