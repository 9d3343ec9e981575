import type { Digest } from '../../domain/digest';
import type { StableWrite, Track } from '../../ports/rollout';
import type { Placed, StoredPlacement } from './schema';

/** What is placed for one service in one environment, and the highest epoch that wrote it. */
export interface Placement extends StoredPlacement {
  readonly epoch: number;
}

export const NOTHING_PLACED: Placement = {
  epoch: 0,
  stable: null,
  candidate: null,
  candidateEpoch: 0,
  percent: 0,
  warm: [],
};

const isDigestOf = (placed: Placed | null, digest: Digest): boolean => placed?.digest === digest;

/** A new candidate takes no traffic; a repeat of the same write keeps the share that it has got meanwhile. */
export function withCandidate(state: Placement, placed: Placed, epoch: number): Placement {
  const kept = epoch === state.candidateEpoch && isDigestOf(state.candidate, placed.digest);
  const percent = kept ? state.percent : 0;
  return { ...state, candidate: placed, candidateEpoch: epoch, percent };
}

/** The former stable keeps running without traffic, unless it is to be stopped: the way back is then one write. */
export function withStable(
  state: Placement,
  placed: Placed,
  maxWarm: number,
  fate: StableWrite['former'] = 'keep',
): Placement {
  const former = isDigestOf(state.stable, placed.digest) ? null : state.stable;
  const rest = state.warm.filter(
    ({ digest }) => digest !== placed.digest && !isDigestOf(former, digest),
  );
  const kept = former && fate === 'keep' ? [former] : [];
  const warm = [...kept, ...rest].slice(0, maxWarm);
  return { ...state, stable: placed, candidate: null, percent: 0, warm };
}

export function withoutCandidate(state: Placement): Placement {
  return { ...state, candidate: null, percent: 0 };
}

export function withoutStable(state: Placement): Placement {
  return { ...state, stable: null };
}

/** Without a stable track the candidate takes all. */
export function candidatePercent(state: Placement): number {
  return state.candidate && !state.stable ? 100 : state.percent;
}

/** Everything that has to run, each digest once. */
export function placedImages(state: Placement): readonly Placed[] {
  const all = [state.stable, state.candidate, ...state.warm].filter((one) => one !== null);
  return all.filter(
    ({ digest }, index) => all.findIndex((other) => other.digest === digest) === index,
  );
}

export function trackOf(state: Placement, digest: Digest): Track | 'former' | 'withdrawn' {
  if (isDigestOf(state.stable, digest)) return 'stable';
  if (isDigestOf(state.candidate, digest)) return 'candidate';
  return state.warm.some((one) => one.digest === digest) ? 'former' : 'withdrawn';
}

export interface Share {
  readonly digest: Digest;
  /** 0 to 100. */
  readonly weight: number;
}

/** How requests are split. */
export function sharesOf(state: Placement): readonly Share[] {
  const { stable, candidate } = state;
  const percent = candidatePercent(state);
  if (stable && candidate && stable.digest !== candidate.digest) {
    return [
      { digest: stable.digest, weight: 100 - percent },
      { digest: candidate.digest, weight: percent },
    ];
  }
  const only = stable ?? candidate;
  return only ? [{ digest: only.digest, weight: 100 }] : [];
}
