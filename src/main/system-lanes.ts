import { SYSTEM_ACTOR } from '../domain/actor';
import type { Orchestrator } from '../orchestrator/orchestrator';
import type { SystemLanes } from '../ports/system-lanes';

/** Asks the lanes in the system's own name. */
export function createSystemLanes(
  orchestrator: Pick<Orchestrator, 'getLane' | 'rollBack' | 'holdLane'>,
): SystemLanes {
  return {
    look: async (svc) => {
      const { running, rollbackRunning, hold } = await orchestrator.getLane(svc);
      return { running: running?.releaseId ?? null, rollbackRunning, hold };
    },
    rollBack: ({ from, to, ...order }, requestId) =>
      orchestrator.rollBack(
        { ...order, target: { kind: 'digest', digest: to, from }, actor: SYSTEM_ACTOR },
        requestId,
      ),
    hold: async (svc, reason, requestId) => {
      const { hold } = await orchestrator.getLane(svc);
      if (hold === null) {
        await orchestrator.holdLane(svc, { actor: SYSTEM_ACTOR, reason }, requestId);
      }
    },
  };
}
