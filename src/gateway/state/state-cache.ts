import type { Logger } from 'pino';
import { failureReason } from '../../contract/error-reason';
import { createSingleFlight } from '../../contract/single-flight';
import type { Digest } from '../../domain/digest';
import type { RegistryPolicy } from '../../domain/policy';
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
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly pollMs?: number;
  /** Milliseconds that never jump. */
  readonly clock?: () => number;
}

const POLL_MS = 5_000;
/** Three polls without an answer: Postgres counts as down. */
export const STALE_AFTER_MS = 15_000;

type Known = ReturnType<StateCache['current']>;

function indexed({ robots, blocks, mode }: GatewaySnapshot): Known {
  return {
    robots: new Map(robots.map((robot) => [robot.name, robot])),
    blocks: new Map<Digest, Block>(blocks.map((block) => [block.digest, block])),
    mode,
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
  log,
  pollMs = POLL_MS,
  clock = () => performance.now(),
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
    known = indexed(await state.read(spread));
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
