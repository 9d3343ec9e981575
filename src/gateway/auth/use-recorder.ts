import type { Logger } from 'pino';
import type { Robots } from '../../ports/robots';

const FLUSH_MS = 5000;

export interface UseRecorder {
  used(name: string): void;
  /** Writes what is left. */
  close(): Promise<void>;
}

interface Parts {
  readonly robots: Pick<Robots, 'recordUse'>;
  readonly log: Logger;
  readonly now: () => Date;
}

/** Notes when robots were used last, every five seconds in one write: a login waits for no database. */
export function createUseRecorder({ robots, log, now }: Parts): UseRecorder {
  let uses = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;

  async function flush(): Promise<void> {
    if (timer) clearTimeout(timer);
    timer = null;
    if (uses.size === 0) return;
    const batch = uses;
    uses = new Map();
    try {
      await robots.recordUse(
        [...batch].map(([name, ms]) => ({ name, at: new Date(ms).toISOString() })),
      );
    } catch (error) {
      // Kept for the next batch; there are never more of them than robots.
      uses = new Map([...batch, ...uses]);
      log.warn({ err: error }, 'the last use of robots was not written; it is tried again');
    }
  }

  return {
    used: (name) => {
      uses.set(name, now().getTime());
      timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
    },
    close: flush,
  };
}
