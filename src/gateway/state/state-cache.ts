import type { Logger } from 'pino';
import { failureReason } from '../../contract/error-reason';
import { createSingleFlight } from '../../contract/single-flight';
import type { Digest } from '../../domain/digest';
import type { ExceptionPolicy } from '../../domain/exceptions/policy';
import type { RegistryPolicy } from '../../domain/policy';
import { nextEndMs, withholding, type Lapse } from '../../domain/registry/lapse';
import type { Block, Blocks } from '../../domain/registry/quarantine';
import type { GatewaySnapshot, GatewayState, RegistryMode } from '../../ports/gateway-state';
import type { RobotWithSecrets } from '../../ports/robots';
import { refused, type Refused } from '../http/refused';

/** The last snapshot that Postgres gave, kept fresh by notifications and a slow poll. */
export interface StateCache {
  /** @throws Refused UNAVAILABLE when there never was one, or it is older than the policy allows. */
  current(): {
    readonly robots: ReadonlyMap<string, RobotWithSecrets>;
    readonly blocks: Blocks;
    /** What may not be pulled now: those, and what passed by exceptions that have ended. */
    readonly withheld: Blocks;
    readonly mode: RegistryMode;
  };
  /** Milliseconds since Postgres last answered. */
  ageMs(): number;
  /** Reads now; for what has to see its own write. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

interface StateCacheOptions {
  readonly state: GatewayState;
  readonly policy: Pick<RegistryPolicy, 'quarantine' | 'withoutDatabase'>;
  /** Of digests whose exceptions have ended; `refuse` without it. */
  readonly endedPulls?: ExceptionPolicy['endedPulls'];
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly pollMs?: number;
  /** Milliseconds that never jump. */
  readonly clock?: () => number;
  /** By which exceptions end. */
  readonly now?: () => Date;
}

const POLL_MS = 5_000;
/** Three polls without an answer: Postgres counts as down. */
export const STALE_AFTER_MS = 15_000;

type Current = ReturnType<StateCache['current']>;

interface Known extends Current {
  readonly lapses: readonly Lapse[];
  /** In ms since the epoch: then something more is withheld. */
  readonly nextEndMs: number;
}

function judgedAt(
  known: Omit<Known, 'withheld' | 'nextEndMs'>,
  nowMs: number,
  graceMs: number,
): Known {
  const { blocks, lapses } = known;
  return {
    ...known,
    withheld: withholding(blocks, lapses, { nowMs, graceMs }),
    nextEndMs: nextEndMs(lapses, nowMs),
  };
}

function indexed({
  robots,
  blocks,
  mode,
  lapses,
}: GatewaySnapshot): Omit<Known, 'withheld' | 'nextEndMs'> {
  return {
    robots: new Map(robots.map((robot) => [robot.name, robot])),
    blocks: new Map<Digest, Block>(blocks.map((block) => [block.digest, block])),
    mode,
    lapses,
  };
}

export function databaseDown(): Refused {
  return refused(
    {
      code: 'UNAVAILABLE',
      rule: 'database',
      message: 'What the rules rest on can not be read now',
      remedy: 'try again; the gateway has no answer from Postgres',
    },
    { 'retry-after': '5' },
  );
}

/** Starts reading at once; `refresh` says when the first read has ended. */
export function createStateCache({
  state,
  policy: { quarantine, withoutDatabase },
  endedPulls = 'refuse',
  log,
  pollMs = POLL_MS,
  clock = () => performance.now(),
  now = () => new Date(),
}: StateCacheOptions): StateCache {
  const spread = { parents: quarantine.spreadToParents, children: quarantine.spreadToChildren };
  const maxAgeMs = withoutDatabase.pulls === 'serve' ? withoutDatabase.maxAgeMs : STALE_AFTER_MS;
  const closing = new AbortController();
  let known: Known | null = null;
  let readAt = -Infinity;
  let isFailing = false;

  async function read(): Promise<void> {
    // The age counts from before the read: what changed while it ran may not be in it.
    const startedAt = clock();
    const snapshot = await state.read(spread);
    const lapses = endedPulls === 'refuse' ? snapshot.lapses : [];
    known = judgedAt(indexed({ ...snapshot, lapses }), now().getTime(), quarantine.runningGraceMs);
    readAt = startedAt;
    if (isFailing) log.info('Postgres answers again');
    isFailing = false;
  }

  const reads = createSingleFlight(read);

  function refreshQuietly(): void {
    reads.run().catch((error: unknown) => {
      if (!isFailing && !closing.signal.aborted) {
        log.warn(
          { reason: failureReason(error) },
          'Postgres does not answer: going by what was known',
        );
      }
      isFailing = true;
    });
  }

  const timer = setInterval(refreshQuietly, pollMs);
  timer.unref();
  state.watch(refreshQuietly, closing.signal);
  refreshQuietly();

  return {
    current: () => {
      if (!known || clock() - readAt > maxAgeMs) throw databaseDown();
      const nowMs = now().getTime();
      // At the second, and without a word from Postgres.
      if (nowMs >= known.nextEndMs) known = judgedAt(known, nowMs, quarantine.runningGraceMs);
      return known;
    },
    ageMs: () => clock() - readAt,
    refresh: () => reads.run(),
    close: async () => {
      clearInterval(timer);
      closing.abort();
      await reads.settled();
    },
  };
}
