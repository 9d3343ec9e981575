import type { RobotView } from '../../contract/schema/api-robot';
import { robotState } from '../../domain/registry/robot';
import type { Robot } from '../../ports/robots';

/** Field by field: whatever else a robot may come with, hashes among it, stays here. */
export function describeRobot(robot: Robot, now: Date): RobotView {
  return {
    name: robot.name,
    kind: robot.kind,
    state: robotState(robot, now.getTime()),
    scopes: robot.scopes,
    description: robot.description,
    createdBy: robot.createdBy,
    createdAt: robot.createdAt,
    expiresAt: robot.expiresAt,
    disabledAt: robot.disabledAt,
    rotatedAt: robot.rotatedAt,
    lastUsedAt: robot.lastUsedAt,
  };
}
