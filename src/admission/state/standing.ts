import type { Logger } from 'pino';
import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import { createSingleFlight } from '../../contract/single-flight';
import type { Digest } from '../../domain/digest';
import type { RevokedKey } from '../../domain/key-revocations';
import type { Block, Blocks } from '../../domain/registry/quarantine';
import type { Denied } from './denied';

/** What withdraws an answer that was given: quarantines, denials, revoked keys, and the numbers that move with the allow-list and with evidence. */
export interface StandingSource {
  /** @throws ReleaseError LEDGER_UNAVAILABLE */
  read(): Promise<Omit<Snapshot, 'blocks'> & { readonly blocks: readonly Block[] }>;
  /** Calls `onChange` soon after a change, and whenever it begins to listen. */
  watch(onChange: () => void, signal: AbortSignal): void;
}

export interface Snapshot {
  readonly blocks: Blocks;
  /** For when the allow-list can't be asked, which judges by them otherwise. */
  readonly denied: Denied;
  readonly allowRevision: number;
  readonly evidenceRevision: number;
  /** Oldest first; a list that only grows, so its length tells two of them from each other. */
  readonly revokedKeys: readonly RevokedKey[];
}

/** By what evidence is judged: two that differ may be answered differently, of one and the same image. */
export function evidenceKey(snapshot: Snapshot | null): string {
  return `${snapshot?.revokedKeys.length ?? 0} ${snapshot?.evidenceRevision ?? 0}`;
}

/** Revoked keys, quarantines, denials and revisions, never more than a second old. */
export interface Standing {
  /** What `fresh` gives without asking; null when it has to ask. */
  current(): Snapshot | null;
  /** @throws ReleaseError LEDGER_UNAVAILABLE when Postgres did not answer within the last second and does not now. */
  fresh(): Promise<Snapshot>;
  /** The last that was read, however old: enough to refuse by, never to admit by. */
  last(): Snapshot | null;
  ageMs(): number;
  close(): Promise<void>;
}

interface StandingOptions {
  readonly source: StandingSource;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly pollMs?: number;
  readonly maxAgeMs?: number;
  /** Milliseconds that never jump. */
  readonly clock?: () => number;
}

/** A lost notification, or a listener that is cut off without knowing, costs so much and no more. */
const POLL_MS = 400;
const MAX_AGE_MS = 1_000;

/** Starts reading at once. */
export function createStanding({
  source,
  log,
  pollMs = POLL_MS,
  maxAgeMs = MAX_AGE_MS,
  clock = () => performance.now(),
}: StandingOptions): Standing {
  const closing = new AbortController();
  let known: Snapshot | null = null;
  let readAt = -Infinity;
  let isFailing = false;

  async function read(): Promise<void> {
    // The age counts from before the read: what changed while it ran may not be in it.
    const startedAt = clock();
    const { blocks, ...rest } = await source.read();
    known = {
      ...rest,
      blocks: new Map<Digest, Block>(blocks.map((block) => [block.digest, block])),
    };
    readAt = startedAt;
    if (isFailing) log.info('Postgres answers again');
    isFailing = false;
  }

  const reads = createSingleFlight(read);

  function refreshQuietly(): void {
    reads.run().catch((error: unknown) => {
      if (!isFailing && !closing.signal.aborted) {
        log.warn({ reason: failureReason(error) }, 'Postgres does not answer: nothing is admitted');
      }
      isFailing = true;
    });
  }

  const timer = setInterval(refreshQuietly, pollMs);
  timer.unref();
  source.watch(refreshQuietly, closing.signal);
  refreshQuietly();

  const current = (): Snapshot | null => (clock() - readAt <= maxAgeMs ? known : null);

  return {
    current,
    fresh: async () => {
      const fresh = current();
      if (fresh) return fresh;
      await reads.run();
      if (!known) throw new ReleaseError('LEDGER_UNAVAILABLE', 'Postgres was never read');
      return known;
    },
    last: () => known,
    ageMs: () => clock() - readAt,
    close: async () => {
      clearInterval(timer);
      closing.abort();
      await reads.settled();
    },
  };
}
