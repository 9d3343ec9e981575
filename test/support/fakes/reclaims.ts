import type { RecordedReclaim, Reclaims } from '../../../src/ports/reclaims';
import { withCallFaults, type CallFaults } from './call-faults';

export type FakeReclaims = Reclaims & CallFaults;

/** Reclaims in memory; `plannedBytes` is what a test says. */
export function createFakeReclaims(plannedBytes = 0): FakeReclaims {
  const reclaims = new Map<string, RecordedReclaim>();
  const begun = (id: string, startedAt: string): RecordedReclaim => ({
    ...{ id, state: 'running', plannedBytes, startedAt },
    ...{ beforeBytes: null, afterBytes: null, blobs: null },
    ...{ closedAt: null, openedAt: null, endedAt: null, reason: null, leaseManifests: [] },
  });
  return withCallFaults<Reclaims>({
    begin: (id, at) => {
      const reclaim = reclaims.get(id) ?? begun(id, at);
      reclaims.set(id, reclaim);
      return Promise.resolve(reclaim);
    },
    tell: (id, told) => {
      const known = reclaims.get(id);
      if (known) reclaims.set(id, { ...known, ...told });
      return Promise.resolve();
    },
    list: (limit) =>
      Promise.resolve(
        [...reclaims.values()].sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1)).slice(0, limit),
      ),
  });
}
