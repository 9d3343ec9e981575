import type { Reclaimer } from '../../ports/reclaimer';
import { diskUsage } from './disk-usage';

/** A registry that collects by itself while it serves, as zot does: it is only measured. */
export function createOnlineCollector(storageDir?: string): Reclaimer {
  return {
    kind: 'online',
    measure: (signal) =>
      storageDir === undefined ? Promise.resolve(null) : diskUsage(storageDir, signal),
    collect: () => Promise.resolve({ blobs: 0 }),
    stop: () => Promise.resolve(),
  };
}
