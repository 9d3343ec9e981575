import type { Digest } from '../../../domain/digest';
import { natureOf } from '../../../domain/registry/tag-rules';
import { classifyRepository } from '../../../domain/registry/repository-class';
import type { ManifestRecord } from '../../../ports/inventory';
import type { GatewayDependencies } from '../../dependencies';
import { refused } from '../../http/refused';

type InUseDependencies = Pick<GatewayDependencies, 'inventory' | 'policy'>;

/**
 * The index that would miss the manifest. Indexes of referrers don't count: the gateway takes the entry out of the present one,
 * and the former ones are rubbish that has no tag any more.
 */
async function findUser(
  { inventory, policy }: InUseDependencies,
  repository: string,
  { digest, subject }: Pick<ManifestRecord, 'digest' | 'subject'>,
): Promise<Digest | null> {
  const kind = classifyRepository(repository, policy.open);
  for (const parent of await inventory.listParents(repository, digest)) {
    const tags = await inventory.tagsOf(repository, [parent]);
    const isReferrersIndex =
      tags.length === 0
        ? subject !== null
        : tags.every((tag) => natureOf(kind, tag) === 'referrers');
    if (!isReferrersIndex) return parent;
  }
  return null;
}

/** @throws Refused 409 */
export async function assertNotInUse(
  deps: InUseDependencies,
  repository: string,
  manifest: Pick<ManifestRecord, 'digest' | 'subject'>,
): Promise<void> {
  const parent = await findUser(deps, repository, manifest);
  if (parent === null) return;
  throw refused({
    code: 'DENIED',
    status: 409,
    rule: 'in-use-by-index',
    message: `The index ${parent} names ${manifest.digest}`,
    remedy: 'delete the index first',
    detail: { digest: parent },
  });
}
