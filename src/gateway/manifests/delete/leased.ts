import type { Digest } from '../../../domain/digest';
import type { ManifestRecord } from '../../../ports/inventory';
import type { GatewayDependencies } from '../../dependencies';
import { refused } from '../../http/refused';

type LeasedDependencies = Pick<GatewayDependencies, 'inventory' | 'leases' | 'now'>;

/** A signature of an SBOM of an image is as deep as evidence goes. */
const MAX_DEPTH = 4;

/** What it is about, and what that is about, with the indexes that hold it. */
async function subjectsOf(
  { inventory }: LeasedDependencies,
  repository: string,
  subject: Digest | null,
): Promise<readonly Digest[]> {
  const found: Digest[] = [];
  let next = subject;
  for (let depth = 0; next !== null && depth < MAX_DEPTH; depth += 1) {
    found.push(next, ...(await inventory.listParents(repository, next)));
    next = (await inventory.getManifest(repository, next))?.subject ?? null;
  }
  return found;
}

/**
 * Without its signatures a rollback target is of no use, nor an index without those of its images: what is attached is kept
 * as long as what it is attached to. What an index holds is kept by `in-use-by-index`.
 *
 * @throws Refused 409
 */
export async function assertNotLeased(
  deps: LeasedDependencies,
  repository: string,
  { digest, subject }: Pick<ManifestRecord, 'digest' | 'subject'>,
): Promise<void> {
  const kept = [digest, ...(await subjectsOf(deps, repository, subject))];
  const [lease] = await deps.leases.find(repository, kept, deps.now().toISOString());
  if (!lease) return;
  const { svc, expiresAt } = lease;
  throw refused({
    code: 'DENIED',
    status: 409,
    rule: 'leased',
    message: `A rollback of ${svc} would need ${digest}: it is kept until ${expiresAt}`,
    remedy: 'release another version first; the lease then ends by itself at that time',
    detail: { digest: lease.digest, svc, until: expiresAt },
  });
}
