import type { Reclaimer } from '../../../src/ports/reclaimer';
import { withCallFaults, type CallFaults } from './call-faults';

export type FakeReclaimer = Reclaimer & CallFaults;

/** A collector that frees `freed` bytes of a thousand. */
export function createFakeReclaimer(freed = 100): FakeReclaimer {
  let used = 1000;
  return withCallFaults<Reclaimer>({
    kind: 'offline',
    measure: () => Promise.resolve(used),
    collect: () => {
      used -= freed;
      return Promise.resolve({ blobs: 1 });
    },
    stop: () => Promise.resolve(),
  });
}
