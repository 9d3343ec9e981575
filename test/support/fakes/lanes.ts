import { ReleaseError } from '../../../src/contract/errors';
import type { Hold } from '../../../src/domain/lane';
import type { LaneLook, SystemLanes, SystemRollback } from '../../../src/ports/system-lanes';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeLanes extends SystemLanes, CallFaults {
  /** What a service's lane shows from now on. */
  show(svc: string, look: Partial<LaneLook>): void;
  /** What was asked for, once by request id. */
  readonly rollbacks: ReadonlyMap<string, SystemRollback>;
}

const EMPTY: LaneLook = { running: null, rollbackRunning: false, hold: null };

/** Lanes in memory; a rollback is over at once, and holds its lane where the policy says so. */
export function createFakeLanes(): FakeLanes {
  const lanes = new Map<string, LaneLook>();
  const rollbacks = new Map<string, SystemRollback>();
  const laneOf = (svc: string): LaneLook => lanes.get(svc) ?? EMPTY;

  function hold(svc: string, reason: string): void {
    const held: Hold = { by: 'system:plura', reason, at: '2026-01-01T00:00:00.000Z' };
    lanes.set(svc, { ...laneOf(svc), hold: laneOf(svc).hold ?? held });
  }

  const fake: SystemLanes = {
    look: (svc) => Promise.resolve(laneOf(svc)),
    rollBack: (order, requestId) => {
      const { svc } = order.service;
      if (laneOf(svc).rollbackRunning) {
        return Promise.reject(new ReleaseError('NOT_WAITING', 'a rollback is under way'));
      }
      const isNew = !rollbacks.has(requestId);
      rollbacks.set(requestId, rollbacks.get(requestId) ?? order);
      const held = order.policy.rollback.holdLane;
      if (isNew && held) hold(svc, order.reason);
      return Promise.resolve({ held });
    },
    hold: (svc, reason) => {
      hold(svc, reason);
      return Promise.resolve();
    },
  };
  const faulty = withCallFaults(fake);
  return {
    ...faulty,
    calls: faulty.calls,
    fail: (code, times, method) => {
      faulty.fail(code, times, method);
    },
    rollbacks,
    show: (svc, look) => {
      lanes.set(svc, { ...laneOf(svc), ...look });
    },
  };
}
