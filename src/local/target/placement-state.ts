import type { ImageRef } from '../../domain/reference';
import type { StableWrite } from '../../ports/rollout';
import type { PlacedImage, PlacementState } from './schema';

/** Former stables kept running without traffic, newest first: the way back is then a flip of the router. */
const MAX_WARM = 2;

export function emptyPlacement(svc: string, env: PlacementState['env']): PlacementState {
  const nothing = { stable: null, candidate: null, candidatePercent: 0, warm: [] };
  return { svc, env, epoch: 0, routerPort: 0, ...nothing };
}

export const sameImage = (placed: PlacedImage | null, image: ImageRef): boolean =>
  placed?.image.digest === image.digest;

/**
 * A new candidate takes no traffic. A repeat of the same write keeps the share it has got meanwhile: a retry that
 * comes late must not take traffic away.
 */
export function withCandidate(
  state: PlacementState,
  placed: PlacedImage,
  repeated: boolean,
): PlacementState {
  const kept = repeated && sameImage(state.candidate, placed.image);
  const candidatePercent = kept ? state.candidatePercent : 0;
  return { ...state, candidate: placed, candidatePercent };
}

export function withStable(
  state: PlacementState,
  placed: PlacedImage,
  fate: StableWrite['former'] = 'keep',
): PlacementState {
  const former = sameImage(state.stable, placed.image) ? null : state.stable;
  const rest = state.warm.filter(
    (one) => !sameImage(one, placed.image) && !sameImage(former, one.image),
  );
  const kept = former && fate === 'keep' ? [former] : [];
  const warm = [...kept, ...rest].slice(0, MAX_WARM);
  return { ...state, stable: placed, candidate: null, candidatePercent: 0, warm };
}

export function withoutCandidate(state: PlacementState): PlacementState {
  return { ...state, candidate: null, candidatePercent: 0 };
}

/** Nothing to go back to: the former stable is not kept warm. */
export function withoutStable(state: PlacementState): PlacementState {
  return { ...state, stable: null };
}

/** Everything that has to run. */
export function placedImages(state: PlacementState): readonly PlacedImage[] {
  const all = [state.stable, state.candidate, ...state.warm].filter((one) => one !== null);
  return all.filter(
    (one, index) => all.findIndex((other) => sameImage(other, one.image)) === index,
  );
}
