import type { BusyLane, RebuildLanes, RebuildOrder } from '../../../src/ports/rebuild-lanes';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeRebuildLanes extends RebuildLanes, CallFaults {
  /** What a service's lane shows from now on. */
  show(svc: string, lane: Partial<BusyLane>): void;
  readonly orders: readonly RebuildOrder[];
}

const EMPTY: BusyLane = { releases: [], closed: null };

/** Lanes in memory that start nothing. */
export function createFakeRebuildLanes(): FakeRebuildLanes {
  const lanes = new Map<string, BusyLane>();
  const orders: RebuildOrder[] = [];
  const faulty = withCallFaults<RebuildLanes>({
    look: (svc) => Promise.resolve(lanes.get(svc) ?? EMPTY),
    submit: (order) => {
      orders.push(order);
      return Promise.resolve();
    },
  });
  return Object.assign(faulty, {
    orders,
    show: (svc: string, lane: Partial<BusyLane>) => {
      lanes.set(svc, { ...EMPTY, ...lane });
    },
  });
}
