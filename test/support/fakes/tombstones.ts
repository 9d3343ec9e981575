import type { RecordedTombstone, Tombstone, Tombstones } from '../../../src/ports/tombstones';
import { withCallFaults, type CallFaults } from './call-faults';

export type FakeTombstones = Tombstones & CallFaults;

interface Grave {
  record: RecordedTombstone;
  bytes: Buffer;
}

const keyOf = ({ repository, digest, planId }: Omit<Tombstone, 'bytes'>): string =>
  [repository, digest, planId].join(' ');

function toTombstone({ record, bytes }: Grave): Tombstone {
  const { repository, digest, mediaType, tags, planId, deletedAt } = record;
  return { repository, digest, mediaType, bytes, tags, planId, deletedAt };
}

function merge(grave: Grave | undefined, { bytes, ...tombstone }: Tombstone): Grave {
  const { planId, deletedAt } = tombstone;
  const tags = [...new Set([...(grave?.record.tags ?? []), ...tombstone.tags])].sort();
  const state = { state: 'buried', stateAt: deletedAt, stateBy: planId } as const;
  const first = grave?.record.state === 'buried' ? grave.record : { ...tombstone, ...state };
  return { record: { ...first, tags, size: bytes.length }, bytes };
}

/** Tombstones in memory. Times are compared as text: RFC 3339 in UTC, of one length. */
export function createFakeTombstones(): FakeTombstones {
  const graves = new Map<string, Grave>();
  const newestFirst = (): readonly Grave[] =>
    [...graves.values()].sort((a, b) => (a.record.deletedAt > b.record.deletedAt ? -1 : 1));

  return withCallFaults<Tombstones>({
    bury: (tombstone) => {
      const key = keyOf(tombstone);
      graves.set(key, merge(graves.get(key), tombstone));
      return Promise.resolve();
    },
    exhume: ({ repository, digest, planId }, tag) => {
      const key = [repository, digest, planId].join(' ');
      const grave = graves.get(key);
      if (grave?.record.state !== 'buried') return Promise.resolve();
      const tags = grave.record.tags.filter((one) => one !== tag);
      if (tags.length === 0) graves.delete(key);
      else graves.set(key, { ...grave, record: { ...grave.record, tags } });
      return Promise.resolve();
    },
    find: (repository, digest) => {
      const found = newestFirst().find(
        ({ record }) =>
          record.repository === repository && record.digest === digest && record.state === 'buried',
      );
      return Promise.resolve(found ? toTombstone(found) : null);
    },
    list: ({ repository, state, limit }) =>
      Promise.resolve(
        newestFirst()
          .map(({ record }) => record)
          .filter((one) => repository === undefined || one.repository === repository)
          .filter((one) => state === undefined || one.state === state)
          .slice(0, limit),
      ),
    markRestored: (repository, digest, stateBy, stateAt) => {
      for (const grave of graves.values()) {
        const { record } = grave;
        if (record.repository !== repository || record.digest !== digest) continue;
        if (record.state === 'buried') {
          grave.record = { ...record, state: 'restored', stateAt, stateBy };
        }
      }
      return Promise.resolve();
    },
    markReclaimed: (before, stateBy, stateAt) => {
      const gone = [...graves.values()].filter(
        ({ record }) => record.state === 'buried' && record.deletedAt <= before,
      );
      for (const grave of gone) {
        grave.record = { ...grave.record, state: 'reclaimed', stateAt, stateBy };
        grave.bytes = Buffer.alloc(0);
      }
      return Promise.resolve(gone.length);
    },
  });
}
