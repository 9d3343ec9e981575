import { ReleaseError } from '../../contract/errors';
import type { Freeze } from '../../ports/freezes';
import type { ApiDependencies } from '../dependencies';

/** @throws ReleaseError FREEZE_NOT_FOUND */
export async function findFreeze(
  { freezes }: Pick<ApiDependencies, 'freezes'>,
  name: string,
): Promise<Freeze> {
  const freeze = await freezes.get(name);
  if (freeze) return freeze;
  throw new ReleaseError('FREEZE_NOT_FOUND', `There is no freeze "${name}"`, {
    details: { field: 'name', remedy: 'see what there is: plura reg freeze list' },
  });
}
