import { RobotParams, RobotView } from '../../../contract/schema/api-robot';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { auditRobot } from '../../robot/audit-robot';
import { describeRobot } from '../../robot/describe-robot';
import { findRobotToChange } from '../../robot/find-robot';
import { answers, MutationHeaders } from '../answers';

export function registerEnableRobot(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/robots/:name/enable',
    {
      config: { permission: 'manageRobots' },
      schema: {
        summary: 'Let a disabled robot in again, with the secret it had',
        params: RobotParams,
        headers: MutationHeaders,
        response: answers({ 200: RobotView }),
      },
    },
    async (request) => {
      const { name } = await findRobotToChange(deps, request.actor, request.params.name);
      const robot = await deps.robots.setDisabled(name, null);
      await auditRobot(deps, request, { action: 'robot.enable', name, details: null });
      return describeRobot(robot, deps.now());
    },
  );
}
