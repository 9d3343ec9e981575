import type { Digest } from '../../../domain/digest';
import type { GatewayDependencies } from '../../dependencies';
import { refused } from '../../http/refused';

/**
 * Somebody keeps it, or what it belongs to (docs/allow-list.md), whatever retention says.
 *
 * @param kept what it is kept with, see keptWith
 * @throws Refused 409
 */
export async function assertNotHeld(
  { holds }: Pick<GatewayDependencies, 'holds'>,
  digest: Digest,
  kept: readonly Digest[],
): Promise<void> {
  const [hold] = await holds.listHolds({ digests: kept, limit: 1 });
  if (!hold) return;
  const belongs = hold.digest === digest ? '' : `, to which ${digest} belongs,`;
  throw refused({
    code: 'DENIED',
    status: 409,
    rule: 'held',
    message: `${hold.by} holds ${hold.digest}${belongs} since ${hold.at}: ${hold.reason}`,
    remedy: 'release the hold first: plura reg keep list',
    detail: { digest: hold.digest },
  });
}
