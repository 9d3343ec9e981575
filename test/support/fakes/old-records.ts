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
    'upload-leases': [],
    'plan-items': [],
    'run-items': [],
    plans: [],
  };
  return withCallFaults({
    kept,
    forget: (kind: keyof typeof kept, before: string, limit: number) => {
      const oldest = kept[kind].splice(0, limit);
      const young = oldest.filter((at) => Date.parse(at) >= Date.parse(before));
      kept[kind].unshift(...young);
      return Promise.resolve(oldest.length - young.length);
    },
  });
}
