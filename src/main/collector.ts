import { createCommandCollector } from '../adapters/collector/command-collector';
import { createOnlineCollector } from '../adapters/collector/online-collector';
import type { CollectorConfig } from '../config/collector';
import type { Reclaimer } from '../ports/reclaimer';

/** Null: nobody said how. */
export function createReclaimer(config: CollectorConfig): Reclaimer | null {
  switch (config.kind) {
    case 'none':
      return null;
    case 'online':
      return createOnlineCollector(config.storageDir ?? undefined);
    case 'command': {
      const { command, stop, storageDir } = config;
      return createCommandCollector({
        command,
        ...(stop !== null && { stop }),
        ...(storageDir !== null && { storageDir }),
      });
    }
  }
}
