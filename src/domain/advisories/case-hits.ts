import type { Digest } from '../digest';
import type { AdvisorySeverity } from './advisory';

/** What a case is for; nobody rated what is unknown, and it goes by the rule for High. */
const HOLDS: readonly AdvisorySeverity[] = ['CRITICAL', 'HIGH', 'UNKNOWN'];

interface RatedDigest {
  readonly digest: Digest;
  readonly severities: readonly AdvisorySeverity[];
}

/** Digests that a case has to let go: the advisory does not hit them any more, or as Medium at most. */
export function goneDigests(ratings: readonly RatedDigest[]): readonly Digest[] {
  return ratings
    .filter(({ severities }) => !severities.some((one) => HOLDS.includes(one)))
    .map(({ digest }) => digest);
}
