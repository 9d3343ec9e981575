import type { Actor } from './actor';
import type { LanePolicy } from './policy';

/** What the lane needs to know of a release request; the rest travels with it untouched. */
export interface LaneRequest {
  readonly releaseId: string;
  readonly requestedBy: Actor;
  readonly requestedAt: string;
  readonly policy: { readonly lane: LanePolicy };
}

export interface RunningRelease {
  readonly releaseId: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
}

export interface Hold {
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

/** The single writer of a service: at most one release runs, the others wait in order. */
export interface LaneState<R extends LaneRequest = LaneRequest> {
  readonly svc: string;
  /** The last epoch taken; 0 before the first release. */
  readonly epoch: number;
  readonly running: RunningRelease | null;
  readonly queue: readonly R[];
  readonly hold: Hold | null;
  /** Number of the rollback under way: nothing starts meanwhile. 0 while the number is being taken. */
  readonly rollback: number | null;
  /** Releases started so far: names each start. */
  readonly started: number;
}

export type SubmitDecision<R extends LaneRequest> =
  | { readonly kind: 'refused'; readonly code: 'LANE_FULL' | 'LANE_HELD'; readonly message: string }
  /** It runs or waits already: no second run. */
  | { readonly kind: 'known'; readonly place: number }
  | {
      readonly kind: 'queued';
      readonly state: LaneState<R>;
      readonly place: number;
      readonly superseded: readonly R[];
    };

export function openLane<R extends LaneRequest>(svc: string): LaneState<R> {
  return { svc, epoch: 0, running: null, queue: [], hold: null, rollback: null, started: 0 };
}

/** 1 = running, or next to run when nothing runs; null when the lane doesn't hold it. */
export function placeOf(state: LaneState, releaseId: string): number | null {
  if (state.running?.releaseId === releaseId) return 1;
  const index = state.queue.findIndex((queued) => queued.releaseId === releaseId);
  if (index < 0) return null;
  return index + (state.running ? 2 : 1);
}

export function decideSubmit<R extends LaneRequest>(
  state: LaneState<R>,
  request: R,
): SubmitDecision<R> {
  const place = placeOf(state, request.releaseId);
  if (place !== null) return { kind: 'known', place };
  if (state.hold) {
    const { by, reason } = state.hold;
    return {
      kind: 'refused',
      code: 'LANE_HELD',
      message: `The lane of ${state.svc} is held by ${by}: ${reason}. Resume it first.`,
    };
  }
  const { supersede, maxQueued } = request.policy.lane;
  const superseded = supersede === 'pending' ? state.queue : [];
  const kept = supersede === 'pending' ? [] : state.queue;
  if (kept.length >= Math.max(1, maxQueued)) {
    return {
      kind: 'refused',
      code: 'LANE_FULL',
      message: `The lane of ${state.svc} has ${kept.length} releases waiting, the most its policy allows.`,
    };
  }
  const next = { ...state, queue: [...kept, request] };
  return {
    kind: 'queued',
    state: next,
    place: placeOf(next, request.releaseId) ?? 1,
    superseded,
  };
}

/** The release to start now, if any. Never while one runs, while held, or during a rollback. */
export function nextToStart<R extends LaneRequest>(state: LaneState<R>): R | null {
  if (state.running || state.hold || state.rollback !== null) return null;
  return state.queue[0] ?? null;
}

/** Takes the head of the queue as running. */
export function startNext<R extends LaneRequest>(state: LaneState<R>): LaneState<R> {
  const head = nextToStart(state);
  if (!head) return state;
  return {
    ...state,
    queue: state.queue.slice(1),
    started: state.started + 1,
    running: {
      releaseId: head.releaseId,
      requestedBy: head.requestedBy.subject,
      requestedAt: head.requestedAt,
    },
  };
}

/** Idempotent: an end reported twice, or late, changes nothing. */
export function endRunning<R extends LaneRequest>(
  state: LaneState<R>,
  releaseId: string,
): LaneState<R> {
  return state.running?.releaseId === releaseId ? { ...state, running: null } : state;
}

export function dropQueued<R extends LaneRequest>(
  state: LaneState<R>,
  releaseId: string,
): { readonly state: LaneState<R>; readonly dropped: R | null } {
  const dropped = state.queue.find((queued) => queued.releaseId === releaseId) ?? null;
  if (!dropped) return { state, dropped };
  return {
    state: { ...state, queue: state.queue.filter((queued) => queued !== dropped) },
    dropped,
  };
}

export function beginRollback<R extends LaneRequest>(
  state: LaneState<R>,
  number: number,
): LaneState<R> {
  return { ...state, rollback: number };
}

/** A hold set by a person stays theirs; a rollback holds the lane only when nobody does. */
export function endRollback<R extends LaneRequest>(
  state: LaneState<R>,
  hold: Hold | null,
): LaneState<R> {
  return { ...state, rollback: null, hold: state.hold ?? hold };
}
