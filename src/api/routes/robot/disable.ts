import { DisableRobotRequest, RobotParams, RobotView } from '../../../contract/schema/api-robot';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { auditRobot } from '../../robot/audit-robot';
import { describeRobot } from '../../robot/describe-robot';
import { findRobotToChange } from '../../robot/find-robot';
import { answers, MutationHeaders } from '../answers';

export function registerDisableRobot(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/robots/:name/disable',
    {
      config: { permission: 'disableRobots' },
      schema: {
        summary: 'Refuse a robot and its tokens at once, until it is enabled again',
        params: RobotParams,
        headers: MutationHeaders,
        body: DisableRobotRequest,
        response: answers({ 200: RobotView }),
      },
    },
    async (request) => {
      const { name } = await findRobotToChange(deps, request.actor, request.params.name);
      const now = deps.now();
      const robot = await deps.robots.setDisabled(name, now.toISOString());
      const details = { reason: request.body?.reason ?? null };
      await auditRobot(deps, request, { action: 'robot.disable', name, details });
      return describeRobot(robot, now);
    },
  );
}
