import { describeFinding } from '../../domain/admission/describe-finding';
import type { AdmissionFault } from '../../domain/admission/fault';
import type { Digest } from '../../domain/digest';
import type { Snapshot } from '../state/standing';

/**
 * What the allow-list would say of a denied digest, for when `allow`, what was found out of it, says that it could not be asked; null
 * where it was. A denial is a judgement that was read, however long ago: break-glass must not take it for what nobody knows.
 */
export function findDenialOn(
  digest: Digest,
  allow: { readonly faults: readonly AdmissionFault[] },
  last: Pick<Snapshot, 'denied'> | null,
): AdmissionFault | null {
  if (!allow.faults.some(({ unknown }) => unknown === 'ledger')) return null;
  const denial = last?.denied.get(digest);
  if (!denial) return null;
  const { cause, reason, by, at } = denial;
  return {
    rule: 'allow-list',
    message: describeFinding({ kind: 'denied', cause, reason, by, at }),
  };
}
