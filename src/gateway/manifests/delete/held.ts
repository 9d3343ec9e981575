import type { Digest } from '../../../domain/digest';
import type { GatewayDependencies } from '../../dependencies';
import { refused } from '../../http/refused';

/** Somebody keeps it (docs/allow-list.md), whatever retention says. @throws Refused 409 */
export async function assertNotHeld(
  { holds }: Pick<GatewayDependencies, 'holds'>,
  digest: Digest,
): Promise<void> {
  const [hold] = await holds.listHolds({ digest, limit: 1 });
  if (!hold) return;
  throw refused({
    code: 'DENIED',
    status: 409,
    rule: 'held',
    message: `${hold.by} holds ${digest} since ${hold.at}: ${hold.reason}`,
    remedy: 'release the hold first: plura reg keep list',
    detail: { digest },
  });
}
