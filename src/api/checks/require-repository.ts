import { ReleaseError } from '../../contract/errors';
import type { ApiDependencies } from '../dependencies';

/**
 * It holds a tag, or a manifest that lost its last one.
 *
 * @param field of the request, that named it
 * @throws ReleaseError REPOSITORY_NOT_FOUND
 */
export async function requireRepository(
  { inventory }: Pick<ApiDependencies, 'inventory'>,
  repository: string,
  field: string,
): Promise<void> {
  const { manifests, tags } = await inventory.readRepository(repository);
  if (manifests.length > 0 || tags.length > 0) return;
  throw new ReleaseError('REPOSITORY_NOT_FOUND', `Nothing was pushed to ${repository}`, {
    details: { field, remedy: 'check the name, such as apps/checkout/checkout' },
  });
}
