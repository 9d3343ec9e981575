import type { Logger } from 'pino';
import type { Activity, Inventory } from '../../ports/inventory';
import { eventQueueOf } from './event-queue';

const FLUSH_AFTER_MS = 5000;
const BATCH = 500;
const HEARD_EVERY_MS = 60_000;
/** Different reads kept while Postgres is away; what comes beyond is not recorded. */
const MAX_WAITING = 20_000;

export interface ActivityRecorder {
  /** Never waits and never throws. */
  record(activity: Activity): void;
  /** Writes what waits, events of the same inventory too. */
  close(): Promise<void>;
}

interface RecorderDependencies {
  readonly inventory: Pick<Inventory, 'recordActivity' | 'recordEvent' | 'recordHeard'>;
  readonly log: Logger;
  readonly now: () => Date;
}

function startReports(
  { inventory, log, now }: RecorderDependencies,
  isAllWritten: () => boolean,
): NodeJS.Timeout {
  const report = async (): Promise<void> => {
    if (!isAllWritten()) return;
    await inventory.recordHeard(now().toISOString()).catch((error: unknown) => {
      log.warn({ err: error }, 'it is not recorded that all reads are');
    });
  };
  return setInterval(() => void report(), HEARD_EVERY_MS).unref();
}

/**
 * Last reads of tags and digests, written together every 5 s or 500 different ones; and each minute in which none is left to write, that
 * it was so.
 */
export function createActivityRecorder(deps: RecorderDependencies): ActivityRecorder {
  const { inventory, log } = deps;
  let waiting = new Map<string, Activity>();
  let timer: NodeJS.Timeout | null = null;
  let flushing: Promise<void> | null = null;
  let dropped = 0;

  function keep(activity: Activity): void {
    const key = `${activity.repository} ${activity.tag ?? ''} ${activity.digest}`;
    if (waiting.size < MAX_WAITING || waiting.has(key)) waiting.set(key, activity);
    else dropped += 1;
  }

  async function writeAll(): Promise<void> {
    const reads = [...waiting.values()];
    waiting = new Map();
    for (let start = 0; start < reads.length; start += BATCH) {
      try {
        await inventory.recordActivity(reads.slice(start, start + BATCH));
      } catch (error) {
        const newer = waiting;
        waiting = new Map();
        for (const read of [...reads.slice(start), ...newer.values()]) keep(read);
        throw error;
      }
    }
  }

  function flush(): Promise<void> {
    if (timer) clearTimeout(timer);
    timer = null;
    flushing ??= writeAll()
      .catch((error: unknown) => {
        log.warn({ err: error, waiting: waiting.size, dropped }, 'reads are not recorded');
      })
      .finally(() => {
        flushing = null;
        if (waiting.size > 0) schedule();
      });
    return flushing;
  }

  function schedule(): void {
    timer ??= setTimeout(() => void flush(), FLUSH_AFTER_MS).unref();
  }

  const reports = startReports(deps, () => waiting.size === 0 && !flushing);

  return {
    record: (activity) => {
      keep(activity);
      // Exactly at the mark: past it a failed write waits for the timer, not for every further read.
      if (waiting.size === BATCH) void flush();
      else schedule();
    },
    close: async () => {
      clearInterval(reports);
      await flushing;
      await flush();
      if (timer) clearTimeout(timer);
      await eventQueueOf(deps).drain();
    },
  };
}
