import { CancellationScope } from '@temporalio/workflow';

export interface StatusSaver {
  /** The status changed: saved soon, beside the work; a newer change overtakes an older one. */
  mark(): void;
  /** Waits until the newest change is saved. Throws what the save threw. */
  flush(): Promise<void>;
}

/** Saves a status at its changes without slowing them down, one save at a time. */
export function createStatusSaver(save: (sequence: number) => Promise<void>): StatusSaver {
  let sequence = 0;
  let saved = 0;
  let running: Promise<void> | null = null;

  async function saveAll(): Promise<void> {
    try {
      while (saved < sequence) {
        const wanted = sequence;
        await save(wanted);
        saved = wanted;
      }
    } finally {
      running = null;
    }
  }

  function start(): Promise<void> {
    running ??= CancellationScope.nonCancellable(saveAll);
    return running;
  }

  return {
    mark(): void {
      sequence += 1;
      // A save that failed is tried again with the next change; flush is the one that must not.
      start().catch(() => undefined);
    },
    async flush(): Promise<void> {
      while (saved < sequence) await start();
    },
  };
}
