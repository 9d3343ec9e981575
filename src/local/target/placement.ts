import type { Logger } from 'pino';
import { ReleaseError } from '../../contract/errors';
import type { Digest } from '../../domain/digest';
import type { ImageRef } from '../../domain/reference';
import type { RolloutState, RolloutWrite, StableWrite, Track } from '../../ports/rollout';
import { troubleOf } from './candidate-trouble';
import type { Fleet, FleetSpec } from './fleet';
import { KeyedQueue } from './keyed-queue';
import {
  placedImages,
  sameImage,
  withCandidate,
  withoutCandidate,
  withoutStable,
  withStable,
} from './placement-state';
import { PendingStarts } from './pending-starts';
import type { Backend, Router } from './router/router';
import type { RouterMetrics } from './router/router-metrics';
import type { PlacedImage, PlacementState } from './schema';
import type { StateStore } from './state-store';

export interface PlacementDependencies {
  readonly fleet: Fleet;
  readonly router: Router;
  readonly metrics: RouterMetrics;
  readonly store: StateStore;
  readonly log: Logger;
}

type Write = Pick<RolloutWrite, 'epoch' | 'signal'>;

const DRAIN_MS = 5_000;

/**
 * One service in one environment. Changes of state are serialised and quick; containers start outside of that, so a
 * newer writer (a rollback) never waits for an older one's container to get ready, and fences it instead.
 */
export class Placement {
  private state: PlacementState;
  private readonly changes = new KeyedQueue();
  /** Digests being started: not to be stopped although the state doesn't name them yet. */
  private readonly starting = new Map<Digest, number>();
  private readonly pending = new PendingStarts();
  /** Ready and not placed yet; a target that starts again starts it again too, when it is told to. */
  private prepared: PlacedImage | null = null;
  private readonly releasing = new Set<Promise<void>>();
  private readonly parts: PlacementDependencies;

  constructor(state: PlacementState, parts: PlacementDependencies) {
    this.state = state;
    this.parts = parts;
    this.route();
  }

  describe(): RolloutState {
    const { svc, env, epoch, stable, candidate, candidatePercent, routerPort } = this.state;
    const warm = this.warm();
    return {
      svc,
      env,
      epoch,
      stable: stable?.image.digest ?? null,
      candidate: candidate?.image.digest ?? null,
      candidatePercent: candidate && !stable ? 100 : candidatePercent,
      url: `http://127.0.0.1:${routerPort}`,
      ...(warm.length === 0 ? {} : { warm }),
    };
  }

  /** With how the candidate's container has fared since it was started. */
  examine(): RolloutState {
    const { svc, env, candidate } = this.state;
    const trouble =
      candidate &&
      troubleOf(`${svc} in ${env}`, this.parts.fleet.get(this.idOf(candidate.image.digest)));
    return { ...this.describe(), ...(trouble === null ? {} : { trouble }) };
  }

  /** What has to run, the former stables too. */
  placed(): readonly PlacedImage[] {
    const all = placedImages(this.state);
    const { prepared } = this;
    return prepared && !all.some((one) => sameImage(one, prepared.image))
      ? [...all, prepared]
      : all;
  }

  warm(): readonly Digest[] {
    return this.state.warm.map(({ image }) => image.digest);
  }

  specOf(placed: PlacedImage): FleetSpec {
    const { svc, env } = this.state;
    const id = this.idOf(placed.image.digest);
    return { ...placed, id, hostname: `${svc}.${env}`.slice(0, 63) };
  }

  trackUrl(track: Track): string | null {
    const placed = this.state[track];
    const port = placed ? this.portOf(placed.image.digest) : null;
    return port === null ? null : `http://127.0.0.1:${port}`;
  }

  prepareCandidate(write: Write, placed: PlacedImage): Promise<RolloutState> {
    return this.startThen(write, 'candidate', placed, (state) => {
      this.keepPrepared(placed);
      return state;
    });
  }

  startCandidate(write: Write, placed: PlacedImage): Promise<RolloutState> {
    const repeated = write.epoch === this.state.epoch;
    return this.startThen(write, 'candidate', placed, (state) => {
      this.keepPrepared(null);
      return withCandidate(state, placed, repeated);
    });
  }

  setCandidatePercent(epoch: number, candidate: Digest, percent: number): Promise<RolloutState> {
    return this.change(epoch, (state) => {
      if (state.candidate?.image.digest !== candidate) {
        const now = state.candidate?.image.digest ?? 'nothing';
        throw new ReleaseError('ROLLOUT_FAILED', `${candidate} is not the candidate, ${now} is`, {
          details: { remedy: 'Start it as the candidate first.' },
        });
      }
      return { ...state, candidatePercent: percent };
    });
  }

  makeStable(
    { former, ...write }: Write & Pick<StableWrite, 'former'>,
    placed: PlacedImage,
  ): Promise<RolloutState> {
    return this.startThen(write, 'stable', placed, (state) => withStable(state, placed, former));
  }

  withdrawCandidate(epoch: number): Promise<RolloutState> {
    return this.change(epoch, (state) => {
      this.pending.giveUp('candidate');
      this.keepPrepared(null);
      return withoutCandidate(state);
    });
  }

  clearStable(epoch: number): Promise<RolloutState> {
    return this.change(epoch, (state) => {
      this.pending.giveUp('stable');
      return withoutStable(state);
    });
  }

  /** After all changes and releases under way. */
  async settle(): Promise<void> {
    await this.changes.idle();
    await Promise.all(this.releasing);
  }

  /**
   * Fences older writers first, then starts, and changes the state once the container is ready; not when a later write has taken
   * the track meanwhile.
   */
  private async startThen(
    { epoch, signal }: Write,
    track: Track,
    placed: PlacedImage,
    next: (state: PlacementState) => PlacementState,
  ): Promise<RolloutState> {
    const { digest } = placed.image;
    const start = this.pending.add(track, digest, signal);
    this.starting.set(digest, (this.starting.get(digest) ?? 0) + 1);
    try {
      await this.change(epoch, (state) => {
        this.pending.giveUp(track, digest);
        return state;
      });
      await this.parts.fleet.ensure(this.specOf(placed), start.signal).catch((error: unknown) => {
        this.refuseIfFenced(epoch);
        throw error;
      });
      return await this.change(epoch, (state) => {
        start.signal.throwIfAborted();
        return next(state);
      });
    } finally {
      this.pending.remove(start);
      this.stopped(digest);
      this.releaseUnused([digest]);
    }
  }

  private stopped(digest: Digest): void {
    const left = (this.starting.get(digest) ?? 1) - 1;
    if (left > 0) {
      this.starting.set(digest, left);
    } else {
      this.starting.delete(digest);
    }
  }

  private change(
    epoch: number,
    next: (state: PlacementState) => PlacementState,
  ): Promise<RolloutState> {
    return this.changes.run('state', async () => {
      this.refuseIfFenced(epoch);
      const before = this.state;
      const after = { ...next(before), epoch };
      if (JSON.stringify(after) !== JSON.stringify(before)) {
        await this.parts.store.save(after);
      }
      this.state = after;
      this.route();
      this.forgetWarm(before);
      const kept = new Set(placedImages(after).map(({ image }) => image.digest));
      const gone = placedImages(before).map(({ image }) => image.digest);
      this.releaseUnused(gone.filter((digest) => !kept.has(digest)));
      return this.describe();
    });
  }

  /** A former stable takes no traffic: with a fleet of them most of each scrape would be what no longer changes. */
  private forgetWarm(before: PlacementState): void {
    const { svc, env, warm } = this.state;
    for (const { image } of warm) {
      if (before.warm.some((one) => sameImage(one, image))) continue;
      this.parts.metrics.forget(svc, env, image.digest);
    }
  }

  private refuseIfFenced(epoch: number): void {
    if (epoch < this.state.epoch) {
      const { svc, env, epoch: newest } = this.state;
      throw new ReleaseError(
        'FENCED',
        `epoch ${epoch} of ${svc} in ${env} is older than ${newest}`,
        { details: { epoch: newest, remedy: 'A newer writer owns the service; stop here.' } },
      );
    }
  }

  private route(): void {
    const { stable, candidate, candidatePercent } = this.state;
    const backend = (placed: PlacedImage | null): Backend | null =>
      placed && { digest: placed.image.digest, port: () => this.portOf(placed.image.digest) };
    this.parts.router.setRoutes({
      stable: backend(stable),
      candidate: backend(candidate),
      candidatePercent,
    });
  }

  private portOf(digest: Digest): number | null {
    const member = this.parts.fleet.get(this.idOf(digest));
    return member?.status === 'running' ? member.port : null;
  }

  private idOf(digest: Digest): string {
    return `${this.state.env}.${this.state.svc}.${digest.slice(7, 23)}`;
  }

  private isNeeded(digest: Digest): boolean {
    const image: ImageRef = { repository: '', digest };
    return this.starting.has(digest) || this.placed().some((one) => sameImage(one, image));
  }

  /** One at a time; the one before is stopped, unless it is needed otherwise by then. */
  private keepPrepared(placed: PlacedImage | null): void {
    const before = this.prepared;
    this.prepared = placed;
    if (before)
      setImmediate(() => {
        this.releaseUnused([before.image.digest]);
      });
  }

  /** In the background: traffic has moved already, and nobody should wait for the last request to end. */
  private releaseUnused(digests: readonly Digest[]): void {
    for (const digest of digests.filter((one) => !this.isNeeded(one))) {
      const work = this.release(digest).catch((error: unknown) => {
        this.parts.log.error({ digest, err: error }, 'container could not be stopped');
      });
      this.releasing.add(work);
      void work.finally(() => this.releasing.delete(work));
    }
  }

  private async release(digest: Digest): Promise<void> {
    const { fleet, router, metrics } = this.parts;
    await router.drain(digest, DRAIN_MS);
    await fleet.release(this.idOf(digest), () => this.isNeeded(digest));
    if (!this.isNeeded(digest)) {
      metrics.forget(this.state.svc, this.state.env, digest);
    }
  }
}
