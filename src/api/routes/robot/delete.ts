import { DeleteRobotAnswer, RobotParams } from '../../../contract/schema/api-robot';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { auditRobot } from '../../robot/audit-robot';
import { findRobotToChange } from '../../robot/find-robot';
import { answers, MutationHeaders } from '../answers';

export function registerDeleteRobot(app: Api, deps: ApiDependencies): void {
  app.delete(
    '/v1/registry/robots/:name',
    {
      config: { permission: 'manageRobots' },
      schema: {
        summary: 'Remove a robot for good; its name may be given again',
        params: RobotParams,
        headers: MutationHeaders,
        response: answers({ 200: DeleteRobotAnswer }),
      },
    },
    async (request) => {
      const { name, kind } = await findRobotToChange(deps, request.actor, request.params.name);
      await deps.robots.remove(name);
      await auditRobot(deps, request, { action: 'robot.delete', name, details: { kind } });
      return { name, deleted: true as const };
    },
  );
}
