import type { Digest } from '../domain/digest';
import type { Environment, ImageRef, ServiceName } from '../domain/reference';

export type Track = 'stable' | 'candidate';

export interface RolloutState {
  readonly svc: ServiceName;
  readonly env: Environment;
  /** The highest epoch that wrote here; writers with a lower one are refused with FENCED. */
  readonly epoch: number;
  readonly stable: Digest | null;
  readonly candidate: Digest | null;
  /** Share of requests the candidate takes, 0 to 100. Without a stable track the candidate takes all. */
  readonly candidatePercent: number;
  /** Base URL people and scenarios reach the service by, through the router. */
  readonly url: string;
  /** Former stables that run without traffic, newest first; absent = none. */
  readonly warm?: readonly Digest[];
  /** What somebody else changed on the target, one sentence each; absent = nothing. */
  readonly drift?: readonly string[];
  /** Why the candidate does not run as it should, one sentence; absent = it runs, or the target does not tell. */
  readonly trouble?: string;
}

export interface RolloutWrite {
  readonly svc: ServiceName;
  readonly env: Environment;
  readonly epoch: number;
  /**
   * Aborted: stop waiting (for containers, for the router) and throw. What was written so far stays; a digest that was being started
   * gets no place afterwards.
   */
  readonly signal?: AbortSignal;
}

export interface CandidateWrite extends RolloutWrite {
  /**
   * Awaited before a candidate gets all traffic because nothing is stable, once it is ready where the target can wait for that. What it
   * throws is thrown, and the candidate gets no place.
   */
  readonly beforeServing?: () => Promise<void>;
}

export interface StableWrite extends RolloutWrite {
  /** stop: traffic goes back, so what was stable until now is stopped and not kept warm. */
  readonly former?: 'keep' | 'stop';
}

/**
 * Where the images run and traffic is split. All writes are idempotent and fenced.
 * Throws ROLLOUT_UNAVAILABLE, ROLLOUT_FAILED (container not ready, with its last lines), FENCED.
 */
export interface Rollout {
  /** Starts `image` as the candidate with 0 % of the traffic and waits until its health path answers. */
  startCandidate(
    write: CandidateWrite,
    image: ImageRef,
    healthPath: string,
    readyTimeoutMs: number,
  ): Promise<RolloutState>;
  setCandidatePercent(
    write: RolloutWrite,
    candidate: Digest,
    percent: number,
  ): Promise<RolloutState>;
  /**
   * Makes `image` the stable track with all traffic: the running candidate when it is that digest,
   * else it is started first. The former stable is kept warm: running, without traffic, for a quick way back.
   */
  makeStable(
    write: StableWrite,
    image: ImageRef,
    healthPath: string,
    readyTimeoutMs: number,
  ): Promise<RolloutState>;
  /** All traffic back to stable, then the candidate is stopped. No candidate is fine. */
  withdrawCandidate(write: RolloutWrite): Promise<RolloutState>;
  /**
   * Takes the stable track away and stops it; a running candidate then takes all traffic. For a first release that
   * is taken back: there is nothing earlier to give the traffic to. No stable track is fine.
   */
  clearStable(write: RolloutWrite): Promise<RolloutState>;
  /**
   * With `since` (RFC 3339), the moment before the candidate was started, `trouble` also tells of containers of it that ended or were
   * evicted after that, though it runs again by now.
   */
  getState(svc: ServiceName, env: Environment, since?: string): Promise<RolloutState>;
  /** Base URL of one track, past the router, for scenarios. Null when nothing runs there. */
  trackUrl(svc: ServiceName, env: Environment, track: Track): Promise<string | null>;
}
