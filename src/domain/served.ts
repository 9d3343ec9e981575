import { shortDigest, type Digest } from './digest';

/** What a rollout target says of a service in an environment. */
export interface SeenRollout {
  readonly stable: Digest | null;
  readonly candidate: Digest | null;
  readonly candidatePercent: number;
  readonly drift?: readonly string[];
  readonly trouble?: string;
}

/** How a release left it. */
export interface LeftRollout {
  readonly digest: Digest;
  readonly percent: number;
}

/**
 * Why a digest is not served as its release left it, one sentence each; empty when it is. A version that has crashed since is no longer
 * worth measuring, and one whose share somebody else changed can't be.
 */
export function faultsOfRollout(left: LeftRollout, seen: SeenRollout): readonly string[] {
  const { drift = [], trouble } = seen;
  const told = [...(trouble === undefined ? [] : [trouble]), ...drift];
  return told.length > 0 ? told : misplaced(left, seen);
}

function misplaced(
  { digest, percent }: LeftRollout,
  { stable, candidate, candidatePercent }: SeenRollout,
): readonly string[] {
  // It may have been stable before the release began; then it takes all that is not a candidate's.
  if (stable === digest) return [];
  if (candidate !== digest) {
    const now = candidate ? `${shortDigest(candidate)} is` : 'nothing is';
    return [`${shortDigest(digest)} is not the candidate any more, ${now}`];
  }
  const expected = stable ? percent : 100;
  return candidatePercent === expected
    ? []
    : [`the candidate takes ${candidatePercent} % of the traffic instead of ${expected} %`];
}
