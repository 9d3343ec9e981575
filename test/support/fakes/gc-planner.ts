import { createLocalPlanner } from '../../../src/adapters/gc-planner/local-planner';
import type { GcPlanner } from '../../../src/ports/gc-planner';
import type { GcPlans } from '../../../src/ports/gc-plans';
import { withCallFaults, type CallFaults } from './call-faults';
import { createFakeGcRoots, type FakeGcRoots } from './gc-roots';
import { createFakeInventorySource, type FakeInventorySource } from './inventory-source';

export interface FakeGcPlanner extends GcPlanner, CallFaults {
  readonly source: FakeInventorySource;
  readonly roots: FakeGcRoots;
}

/** The real planner, over an inventory and roots that a test tells. */
export function createFakeGcPlanner(
  plans: Pick<GcPlans, 'savePlan'>,
  readAtMs = Date.now(),
): FakeGcPlanner {
  const source = createFakeInventorySource(readAtMs);
  const roots = createFakeGcRoots();
  return withCallFaults({ ...createLocalPlanner({ source, roots, plans }), source, roots });
}
