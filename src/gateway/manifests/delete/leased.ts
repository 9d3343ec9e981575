import type { Digest } from '../../../domain/digest';
import type { GatewayDependencies } from '../../dependencies';
import { refused } from '../../http/refused';

/**
 * A rollback may need it.
 *
 * @param kept what it is kept with, see keptWith
 * @throws Refused 409
 */
export async function assertNotLeased(
  { leases, now }: Pick<GatewayDependencies, 'leases' | 'now'>,
  repository: string,
  digest: Digest,
  kept: readonly Digest[],
): Promise<void> {
  const [lease] = await leases.find(repository, kept, now().toISOString());
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
