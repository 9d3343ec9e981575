import type {
  EmergencyRollups,
  RollupOrder,
  RollupProgress,
} from '../../../src/ports/emergency-rollups';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeEmergencyRollups extends EmergencyRollups, CallFaults {
  readonly orders: readonly RollupOrder[];
  /** All of them have come so far. */
  progress(progress: RollupProgress): void;
}

/** Rollups that rebuild nothing and are under way until the test says otherwise. */
export function createFakeEmergencyRollups(): FakeEmergencyRollups {
  const orders: RollupOrder[] = [];
  let progress: RollupProgress = { ended: false, released: 0, troubled: [] };
  const rollups = withCallFaults<EmergencyRollups>({
    start: (order) => {
      if (!orders.some(({ id }) => id === order.id)) orders.push(order);
      return Promise.resolve();
    },
    find: (id) => Promise.resolve(orders.some((one) => one.id === id) ? progress : null),
  });
  return Object.assign(rollups, {
    orders,
    progress: (next: RollupProgress) => {
      progress = next;
    },
  });
}
