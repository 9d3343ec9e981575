import type { AdmissionFault, ImageRule } from '../admission/fault';
import type { Digest } from '../digest';
import type { Check, CheckFinding, CheckResult, Where } from './finding';

type Meaning = readonly [Check, CheckResult];

/** What a fault of the verifier means for an image that runs already. */
const MEANINGS: Partial<Record<ImageRule, Meaning>> = {
  repository: ['binding', 'failed'],
  released: ['binding', 'failed'],
  binding: ['binding', 'failed'],
  signature: ['signature', 'failed'],
  'child-signature': ['signature', 'failed'],
  sbom: ['signature', 'failed'],
  provenance: ['signature', 'failed'],
  // More is attached than is read, which anyone who may push can bring about.
  malformed: ['signature', 'doubtful'],
  'cve-verdict': ['cve', 'failed'],
  // One 404 is no proof: whether all of it is there is looked at by itself.
  present: ['blobs', 'could-not-check'],
};

const UNKNOWN: Meaning = ['signature', 'could-not-check'];

/** A release that a rollback pre-empts leaves its digest in dev, where nothing serves. */
function isLeftInDev(rule: ImageRule, where: readonly Where[]): boolean {
  return rule === 'released' && where.length > 0 && where.every((one) => one.startsWith('dev:'));
}

function meaningOf({ rule, unknown, lapse }: AdmissionFault, where: readonly Where[]): Meaning {
  if (unknown === 'ledger') return ['cve', 'could-not-check'];
  const [check, result] = (unknown === undefined && MEANINGS[rule]) || UNKNOWN;
  const isMild = lapse === true || isLeftInDev(rule, where);
  return [check, isMild && result === 'failed' ? 'doubtful' : result];
}

/** What the verifier said of a digest, as findings about it. */
export function findingsOf(
  faults: readonly AdmissionFault[],
  digest: Digest,
  where: readonly Where[],
): readonly CheckFinding[] {
  return faults.map((fault) => {
    const [check, result] = meaningOf(fault, where);
    return { check, result, where, digest, reason: fault.message };
  });
}
