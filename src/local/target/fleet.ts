import type { Logger } from 'pino';
import { ReleaseError } from '../../contract/errors';
import { imageReference, type ImageRef } from '../../domain/reference';
import { findFreePort } from '../process/ports';
import { KeyedQueue } from './keyed-queue';
import type { ContainerRuntime } from './runtime/container-runtime';
import { waitUntilReady } from './runtime/readiness';

export interface FleetSpec {
  readonly id: string;
  readonly hostname: string;
  readonly image: ImageRef;
  readonly healthPath: string;
  readonly readyTimeoutMs: number;
}

export type MemberStatus = 'running' | 'restarting' | 'failed';

export interface FleetMember {
  readonly spec: FleetSpec;
  readonly port: number;
  readonly status: MemberStatus;
  /** In a row; 0 again once it ran for a while. */
  readonly restarts: number;
  /** How often it ended by itself since it was last asked for, and what it wrote before it last did. */
  readonly ends: number;
  readonly lastWords: readonly string[];
}

interface Member extends FleetMember {
  spec: FleetSpec;
  port: number;
  status: MemberStatus;
  restarts: number;
  ends: number;
  lastWords: readonly string[];
  /** `performance.now()` of the last start, and when to try again. */
  startedAt: number;
  retryAt: number;
}

const WATCH_MS = 200;
const RECOVERY_MS = 2_000;
const MAX_RESTARTS = 8;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 30_000;
const HEALTHY_AFTER_MS = 60_000;

/** Keeps containers running: starts them ready, restarts those that end, stops those nobody needs. */
export class Fleet {
  private readonly members = new Map<string, Member>();
  private readonly queue = new KeyedQueue();
  private readonly stopping = new AbortController();
  private readonly ports = new Set<number>();
  private readonly runtime: ContainerRuntime;
  private readonly log: Logger;
  private timer: NodeJS.Timeout | undefined;

  constructor(runtime: ContainerRuntime, log: Logger) {
    this.runtime = runtime;
    this.log = log;
  }

  get(id: string): FleetMember | undefined {
    return this.members.get(id);
  }

  /**
   * Resolves when the container answers its health path; throws ROLLOUT_FAILED with its last lines when it doesn't. Once `signal` is
   * aborted a container that is not ready is stopped again, and what the signal says is thrown.
   */
  ensure(spec: FleetSpec, signal?: AbortSignal): Promise<void> {
    return this.queue.run(spec.id, async () => {
      signal?.throwIfAborted();
      const member = this.members.get(spec.id);
      if (member && (await this.isHealthy(member, spec))) {
        Object.assign(member, { spec, status: 'running', ends: 0, lastWords: [] });
        return;
      }
      try {
        await this.launch(spec, signal);
      } catch (error) {
        if (member) {
          this.retryLater(member);
        }
        throw error;
      }
    });
  }

  /** Takes over a container that still runs from before, else starts it anew; never throws, the watch goes on trying. */
  recover(spec: FleetSpec): Promise<void> {
    return this.queue.run(spec.id, async () => {
      const port = await this.runtime.adopt(spec.id);
      const member = this.remember(spec, port ?? 0);
      if (port !== null) {
        this.ports.add(port);
        this.log.info({ id: spec.id, port }, 'container taken over');
        return;
      }
      await this.restart(member);
    });
  }

  /** Stops the container unless `needed` says otherwise by then. */
  release(id: string, needed: () => boolean): Promise<void> {
    return this.queue.run(id, async () => {
      if (needed()) {
        return;
      }
      const member = this.members.get(id);
      this.members.delete(id);
      await this.runtime.stop(id);
      if (member) {
        this.ports.delete(member.port);
      }
      this.log.info({ id }, 'container stopped');
    });
  }

  watch(): void {
    this.timer = setTimeout(() => {
      void this.tick().finally(() => {
        if (!this.stopping.signal.aborted) {
          this.watch();
        }
      });
    }, WATCH_MS);
  }

  /** Stops watching, and all containers. */
  async close(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.queue.idle();
    await Promise.all([...this.members.keys()].map((id) => this.release(id, () => false)));
  }

  private async tick(): Promise<void> {
    for (const [id, member] of this.members) {
      const due = member.status === 'restarting' && performance.now() >= member.retryAt;
      const died = member.status === 'running' && !(await this.runtime.isRunning(id));
      if (died || due) {
        void this.queue.run(id, () => this.restartIfDown(id)).catch(() => undefined);
      }
    }
  }

  private async restartIfDown(id: string): Promise<void> {
    const member = this.members.get(id);
    if (!member || this.stopping.signal.aborted || (await this.runtime.isRunning(id))) {
      return;
    }
    // Asked for again and again while an attempt was under way: the pause after it still counts.
    if (member.status !== 'running' && performance.now() < member.retryAt) {
      return;
    }
    if (member.status === 'running') {
      member.ends += 1;
      member.lastWords = await this.runtime.lastLines(id);
      const { ends, lastWords: lines } = member;
      this.log.warn({ id, ends, lines }, 'container ended by itself, starting it again');
      if (performance.now() - member.startedAt > HEALTHY_AFTER_MS) {
        member.restarts = 0;
      }
    }
    await this.restart(member);
  }

  private async restart(member: Member): Promise<void> {
    const { id } = member.spec;
    if (member.restarts >= MAX_RESTARTS) {
      member.status = 'failed';
      this.log.error({ id }, 'container keeps ending, given up');
      return;
    }
    member.restarts += 1;
    this.retryLater(member);
    const { restarts, ends, lastWords } = member;
    try {
      Object.assign(await this.launch(member.spec), { restarts, ends, lastWords });
    } catch (error) {
      this.retryLater(member);
      this.log.warn({ id, err: error }, 'container did not come back');
    }
  }

  /** A running container gets a moment to recover before it is replaced. */
  private async isHealthy(member: Member, spec: FleetSpec): Promise<boolean> {
    const problem = await waitUntilReady({
      port: member.port,
      path: spec.healthPath,
      timeoutMs: Math.min(spec.readyTimeoutMs, RECOVERY_MS),
      isRunning: () => this.runtime.isRunning(spec.id),
    });
    return problem === null;
  }

  private retryLater(member: Member): void {
    member.status = 'restarting';
    const backoff = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** member.restarts);
    member.retryAt = performance.now() + backoff;
    this.members.set(member.spec.id, member);
  }

  private async launch(spec: FleetSpec, signal?: AbortSignal): Promise<Member> {
    const stop = AbortSignal.any([this.stopping.signal, ...(signal ? [signal] : [])]);
    if (this.stopping.signal.aborted) {
      throw new ReleaseError('ROLLOUT_UNAVAILABLE', 'the rollout target is stopping');
    }
    const known = this.members.get(spec.id);
    if (known) {
      this.ports.delete(known.port);
    }
    const port = await findFreePort(this.ports);
    this.ports.add(port);
    try {
      await this.runtime.start({ ...spec, port });
      const problem = await waitUntilReady({
        port,
        path: spec.healthPath,
        timeoutMs: spec.readyTimeoutMs,
        isRunning: () => this.runtime.isRunning(spec.id),
        signal: stop,
      });
      if (problem !== null) {
        signal?.throwIfAborted();
        throw await this.notReady(spec, problem);
      }
    } catch (error) {
      this.ports.delete(port);
      this.members.delete(spec.id);
      await this.runtime.stop(spec.id);
      throw error;
    }
    this.log.info({ id: spec.id, port, image: imageReference(spec.image) }, 'container ready');
    return this.remember(spec, port);
  }

  private async notReady(spec: FleetSpec, problem: string): Promise<ReleaseError> {
    const lines = await this.runtime.lastLines(spec.id);
    const said = lines.length > 0 ? `; its last lines: ${lines.join(' | ')}` : '; it wrote nothing';
    return new ReleaseError(
      'ROLLOUT_FAILED',
      `${imageReference(spec.image)} did not become ready: ${problem}${said}`,
      {
        details: {
          lines,
          remedy: `Make GET ${spec.healthPath} answer 200 on 127.0.0.1:$PORT, then release again.`,
        },
      },
    );
  }

  private remember(spec: FleetSpec, port: number): Member {
    const now = performance.now();
    const fresh = { spec, port, restarts: 0, startedAt: now, retryAt: now };
    const member: Member = { ...fresh, status: 'running', ends: 0, lastWords: [] };
    this.members.set(spec.id, member);
    return member;
  }
}
