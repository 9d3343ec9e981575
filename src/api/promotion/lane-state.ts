import type { LaneEntry, LaneStatus } from '../../contract/messages';
import type { LaneRequest, LaneState } from '../../domain/lane';
import type { Policy } from '../../domain/policy';

/** The lane as its own rules take it, so that a plan and the lane decide alike. */
export function toLaneState(lane: LaneStatus, policy: Policy): LaneState {
  return {
    svc: lane.svc,
    epoch: lane.epoch,
    running: lane.running,
    queue: lane.queued.map((entry) => toRequest(entry, policy)),
    hold: lane.hold,
    rollback: lane.rollbackRunning ? 0 : null,
    started: 0,
  };
}

function toRequest(entry: LaneEntry, policy: Policy): LaneRequest {
  const { releaseId, requestedAt } = entry;
  return { releaseId, requestedAt, requestedBy: { subject: entry.requestedBy, roles: [] }, policy };
}
