import type { Logger } from 'pino';
import type { Inventory, RegistryEvent } from '../../ports/inventory';

/** Different events waiting; the same one again only counts up. */
const MAX_WAITING = 1000;
const RETRY_AFTER_MS = 5000;
/** Written one by one as they come; whoever causes more can fill no disk with it: the rest goes slowly, or as `times`. */
const AT_ONCE = 1000;
const PER_SECOND = 10;

interface EventDependencies {
  readonly inventory: Pick<Inventory, 'recordEvent'>;
  readonly log: Pick<Logger, 'warn'>;
}

export interface EventQueue {
  /** Never waits and never throws. The same event while one waits becomes one, with `times` in its detail. */
  add(event: RegistryEvent): void;
  /** Tries once more what waits, then gives up on it. */
  drain(): Promise<void>;
  /** Events that never reached the inventory. */
  dropped(): number;
}

interface Waiting {
  readonly event: RegistryEvent;
  times: number;
}

function keyOf({ kind, repository, reference, actor, detail }: RegistryEvent): string {
  return JSON.stringify([kind, repository, reference, actor, detail]);
}

/** Counts down to how many may be written now. */
function createAllowance(): () => boolean {
  let left = AT_ONCE;
  let countedAtMs = Date.now();
  return () => {
    const nowMs = Date.now();
    left = Math.min(AT_ONCE, left + ((nowMs - countedAtMs) / 1000) * PER_SECOND);
    countedAtMs = nowMs;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}

interface WaitingList {
  readonly waiting: Map<string, Waiting>;
  readonly keep: (key: string, event: RegistryEvent, times: number) => void;
  readonly loseAll: () => void;
  readonly dropped: () => number;
}

function createWaitingList(log: EventDependencies['log']): WaitingList {
  const waiting = new Map<string, Waiting>();
  let dropped = 0;
  return {
    waiting,
    keep: (key, event, times) => {
      const same = waiting.get(key);
      if (same) {
        same.times += times;
      } else if (waiting.size < MAX_WAITING) {
        waiting.set(key, { event, times });
      } else {
        dropped += times;
        if (dropped === times) log.warn('events of the registry are dropped: too many wait');
      }
    },
    loseAll: () => {
      for (const { times } of waiting.values()) dropped += times;
      waiting.clear();
    },
    dropped: () => dropped,
  };
}

/** Events on their way to the inventory, off the path of the request that caused them. */
export function createEventQueue({ inventory, log }: EventDependencies): EventQueue {
  const { waiting, keep, loseAll, dropped } = createWaitingList(log);
  const mayWrite = createAllowance();
  let sending: Promise<void> | null = null;
  let retry: NodeJS.Timeout | null = null;

  async function sendAll(isAllowed: () => boolean): Promise<void> {
    for (const [key, { event, times }] of waiting) {
      if (!isAllowed()) {
        startLater(1000);
        return;
      }
      waiting.delete(key);
      try {
        await inventory.recordEvent({ ...event, detail: { ...event.detail, times } });
      } catch (error) {
        keep(key, event, times);
        throw error;
      }
    }
  }

  function startLater(afterMs: number): void {
    retry = setTimeout(() => {
      retry = null;
      start();
    }, afterMs).unref();
  }

  function start(): void {
    if (sending || retry) return;
    sending = sendAll(mayWrite)
      .catch((error: unknown) => {
        log.warn({ err: error, waiting: waiting.size }, 'events of the registry are not recorded');
        startLater(RETRY_AFTER_MS);
      })
      .finally(() => {
        sending = null;
        if (waiting.size > 0) start();
      });
  }

  return {
    add: (event) => {
      keep(keyOf(event), event, 1);
      start();
    },
    drain: async () => {
      await sending;
      if (retry) clearTimeout(retry);
      await sendAll(() => true).catch((error: unknown) => {
        log.warn({ err: error, lost: waiting.size }, 'events of the registry are lost');
        loseAll();
      });
    },
    dropped,
  };
}

const queues = new WeakMap<object, EventQueue>();

/** The one queue of this inventory: its bound holds for all that add to it. */
export function eventQueueOf(deps: EventDependencies): EventQueue {
  const known = queues.get(deps.inventory);
  if (known) return known;
  const queue = createEventQueue(deps);
  queues.set(deps.inventory, queue);
  return queue;
}
