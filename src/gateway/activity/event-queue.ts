import type { Logger } from 'pino';
import type { Inventory, RegistryEvent } from '../../ports/inventory';

/** Different events waiting; the same one again only counts up. */
const MAX_WAITING = 1000;
const RETRY_AFTER_MS = 5000;

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

/** Events on their way to the inventory, off the path of the request that caused them. */
export function createEventQueue({ inventory, log }: EventDependencies): EventQueue {
  const waiting = new Map<string, Waiting>();
  let sending: Promise<void> | null = null;
  let retry: NodeJS.Timeout | null = null;
  let dropped = 0;

  function keep(key: string, event: RegistryEvent, times: number): void {
    const same = waiting.get(key);
    if (same) {
      same.times += times;
    } else if (waiting.size < MAX_WAITING) {
      waiting.set(key, { event, times });
    } else {
      dropped += times;
      if (dropped === times) log.warn('events of the registry are dropped: too many wait');
    }
  }

  async function sendAll(): Promise<void> {
    for (const [key, { event, times }] of waiting) {
      waiting.delete(key);
      try {
        await inventory.recordEvent({ ...event, detail: { ...event.detail, times } });
      } catch (error) {
        keep(key, event, times);
        throw error;
      }
    }
  }

  function start(): void {
    if (sending || retry) return;
    sending = sendAll()
      .catch((error: unknown) => {
        log.warn({ err: error, waiting: waiting.size }, 'events of the registry are not recorded');
        retry = setTimeout(() => {
          retry = null;
          start();
        }, RETRY_AFTER_MS).unref();
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
      await sendAll().catch((error: unknown) => {
        for (const { times } of waiting.values()) dropped += times;
        log.warn({ err: error, lost: waiting.size }, 'events of the registry are lost');
        waiting.clear();
      });
    },
    dropped: () => dropped,
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
