import type { AdmissionFault } from '../../domain/admission/fault';
import type { Digest } from '../../domain/digest';
import { isInForce, type Block, type Blocks } from '../../domain/registry/quarantine';

/** Grace is for pulls of what runs already: nothing new starts by it. */
export function findBlockOn(
  blocks: Blocks,
  digests: readonly Digest[],
  nowMs: number,
): Block | null {
  const block = digests
    .map((digest) => blocks.get(digest))
    .find((one) => one && isInForce(one, nowMs));
  return block ?? null;
}

export function quarantined({ digest, cause, reason, cves }: Block): AdmissionFault {
  const why = cves.length > 0 ? cves.join(', ') : reason;
  const through = cause === digest ? '' : ` through ${cause}`;
  return { rule: 'quarantined', message: `${digest} is quarantined${through}: ${why}.` };
}
