import type { RootFacts } from '../../../src/domain/gc/roots';
import type { GcRoots, RootsQuery } from '../../../src/ports/gc-roots';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeGcRoots extends GcRoots, CallFaults {
  /** What it says, whatever it is asked; replaced by tests. */
  readonly told: { facts: RootFacts };
  readonly asked: RootsQuery[];
}

export function createFakeGcRoots(): FakeGcRoots {
  const told: FakeGcRoots['told'] = { facts: { roots: [], reaches: [], missing: [] } };
  const asked: RootsQuery[] = [];
  return withCallFaults({
    told,
    asked,
    read: (query: RootsQuery) => {
      asked.push(query);
      return Promise.resolve(told.facts);
    },
  });
}
