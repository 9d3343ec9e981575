import type { OldRecords } from '../../../src/ports/old-records';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeOldRecords extends OldRecords, CallFaults {
  /** Times of what is on record, by kind; oldest first. */
  readonly kept: Record<Parameters<OldRecords['forget']>[0], string[]>;
}

/** Records as their times alone. */
export function createFakeOldRecords(): FakeOldRecords {
  const kept: FakeOldRecords['kept'] = {
    'registry-events': [],
    'tag-moves': [],
    'storage-samples': [],
  };
  return withCallFaults({
    kept,
    forget: (kind: keyof typeof kept, before: string, limit: number) => {
      const old = kept[kind].slice(0, limit).filter((at) => Date.parse(at) < Date.parse(before));
      kept[kind] = kept[kind].filter((at) => !old.includes(at));
      return Promise.resolve(old.length);
    },
  });
}
