import type { Logger } from 'pino';
import type { Digest } from '../../domain/digest';
import type { Environment, ImageRef, ServiceName } from '../../domain/reference';
import type {
  CandidateWrite,
  Rollout,
  RolloutState,
  RolloutWrite,
  StableWrite,
} from '../../ports/rollout';
import type { Fleet, MemberStatus } from './fleet';
import { Placement } from './placement';
import { emptyPlacement } from './placement-state';
import type { ContainerRuntime } from './runtime/container-runtime';
import { Router } from './router/router';
import type { RouterMetrics } from './router/router-metrics';
import type { PlacementState } from './schema';
import type { StateStore } from './state-store';

export interface RolloutsDependencies {
  readonly fleet: Fleet;
  readonly runtime: ContainerRuntime;
  readonly metrics: RouterMetrics;
  readonly store: StateStore;
  readonly log: Logger;
}

export interface PlacementView extends RolloutState {
  readonly warm: readonly Digest[];
  readonly containers: readonly {
    readonly digest: Digest;
    readonly status: MemberStatus | 'stopped';
    readonly port: number | null;
    readonly restarts: number;
  }[];
}

export interface Rollouts extends Rollout {
  /** As `startCandidate`, but it gets no place: it is kept ready, without traffic, until it is started or withdrawn. */
  prepareCandidate(
    write: RolloutWrite,
    image: ImageRef,
    healthPath: string,
    readyTimeoutMs: number,
  ): Promise<RolloutState>;
  /** Takes over or starts again all that the stored state names, and removes what it doesn't. */
  recover(): Promise<void>;
  list(): readonly PlacementView[];
  close(): Promise<void>;
}

export function createRollouts(parts: RolloutsDependencies): Rollouts {
  return new LocalRollouts(parts);
}

class LocalRollouts implements Rollouts {
  private readonly placements = new Map<string, Promise<Placement>>();
  private readonly opened: { readonly placement: Placement; readonly router: Router }[] = [];
  private readonly parts: RolloutsDependencies;

  constructor(parts: RolloutsDependencies) {
    this.parts = parts;
  }

  async recover(): Promise<void> {
    const { store, fleet, runtime } = this.parts;
    for (const state of await store.load()) {
      await this.open(state.svc, state.env, state);
    }
    const specs = this.opened.flatMap(({ placement }) =>
      placement.placed().map((placed) => placement.specOf(placed)),
    );
    const wanted = new Set(specs.map(({ id }) => id));
    const strays = (await runtime.list()).filter((id) => !wanted.has(id));
    await Promise.all(strays.map((id) => runtime.stop(id)));
    await Promise.all(specs.map((spec) => fleet.recover(spec)));
    await runtime.prune(specs.map(({ image }) => image));
    fleet.watch();
  }

  async prepareCandidate(
    write: RolloutWrite,
    image: ImageRef,
    healthPath: string,
    readyTimeoutMs: number,
  ): Promise<RolloutState> {
    const placement = await this.open(write.svc, write.env);
    return placement.prepareCandidate(write, { image, healthPath, readyTimeoutMs });
  }

  async startCandidate(
    { beforeServing, ...write }: CandidateWrite,
    image: ImageRef,
    healthPath: string,
    readyTimeoutMs: number,
  ): Promise<RolloutState> {
    const placement = await this.open(write.svc, write.env);
    const placed = { image, healthPath, readyTimeoutMs };
    if (beforeServing) {
      const { stable } = await placement.prepareCandidate(write, placed);
      if (stable === null) await beforeServing();
    }
    return placement.startCandidate(write, placed);
  }

  async setCandidatePercent(
    write: RolloutWrite,
    candidate: Digest,
    percent: number,
  ): Promise<RolloutState> {
    const placement = await this.open(write.svc, write.env);
    return placement.setCandidatePercent(write.epoch, candidate, percent);
  }

  async makeStable(
    write: StableWrite,
    image: ImageRef,
    healthPath: string,
    readyTimeoutMs: number,
  ): Promise<RolloutState> {
    const placement = await this.open(write.svc, write.env);
    const state = await placement.makeStable(write, { image, healthPath, readyTimeoutMs });
    this.pruneImages();
    return state;
  }

  async withdrawCandidate(write: RolloutWrite): Promise<RolloutState> {
    const placement = await this.open(write.svc, write.env);
    return placement.withdrawCandidate(write.epoch);
  }

  async clearStable(write: RolloutWrite): Promise<RolloutState> {
    const placement = await this.open(write.svc, write.env);
    return placement.clearStable(write.epoch);
  }

  async getState(svc: ServiceName, env: Environment): Promise<RolloutState> {
    return (await this.open(svc, env)).examine();
  }

  async trackUrl(
    svc: ServiceName,
    env: Environment,
    track: 'stable' | 'candidate',
  ): Promise<string | null> {
    return (await this.open(svc, env)).trackUrl(track);
  }

  list(): readonly PlacementView[] {
    return this.opened.map(({ placement }) => ({
      ...placement.describe(),
      warm: placement.warm(),
      containers: placement.placed().map((placed) => {
        const member = this.parts.fleet.get(placement.specOf(placed).id);
        return {
          digest: placed.image.digest,
          status: member?.status ?? 'stopped',
          port: member?.port ?? null,
          restarts: member?.restarts ?? 0,
        };
      }),
    }));
  }

  async close(): Promise<void> {
    await Promise.all(this.opened.map(({ router }) => router.close()));
    await Promise.all(this.opened.map(({ placement }) => placement.settle()));
    await this.parts.fleet.close();
  }

  private open(svc: ServiceName, env: Environment, stored?: PlacementState): Promise<Placement> {
    const key = `${env}.${svc}`;
    const known = this.placements.get(key);
    if (known) {
      return known;
    }
    const opening = this.create(stored ?? emptyPlacement(svc, env), key);
    this.placements.set(key, opening);
    opening.catch(() => this.placements.delete(key));
    return opening;
  }

  private async create(stored: PlacementState, key: string): Promise<Placement> {
    const { metrics, store, log } = this.parts;
    const { svc, env } = stored;
    const make = (): Router => new Router({ svc, env, metrics, seed: seedOf(key) });
    let router = make();
    const routerPort = await router.listen(stored.routerPort).catch((error: unknown) => {
      log.warn({ svc, env, err: error }, 'the former router port is taken, using another');
      router = make();
      return router.listen(0);
    });
    const state = { ...stored, routerPort };
    if (routerPort !== stored.routerPort) {
      await store.save(state);
    }
    const placement = new Placement(state, { ...this.parts, router });
    this.opened.push({ placement, router });
    return placement;
  }

  private pruneImages(): void {
    const inUse = this.opened.flatMap(({ placement }) =>
      placement.placed().map(({ image }) => image),
    );
    this.parts.runtime.prune(inUse).catch((error: unknown) => {
      this.parts.log.warn({ err: error }, 'unused images could not be deleted');
    });
  }
}

function seedOf(key: string): number {
  return Buffer.from(key).reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 7);
}
