import { RobotParams, RobotView } from '../../../contract/schema/api-robot';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { describeRobot } from '../../robot/describe-robot';
import { findRobot } from '../../robot/find-robot';
import { answers } from '../answers';

export function registerGetRobot(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/robots/:name',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'One robot',
        params: RobotParams,
        response: answers({ 200: RobotView }),
      },
    },
    async ({ params }) => describeRobot(await findRobot(deps, params.name), deps.now()),
  );
}
