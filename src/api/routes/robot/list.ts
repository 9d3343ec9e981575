import { RobotList } from '../../../contract/schema/api-robot';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { describeRobot } from '../../robot/describe-robot';
import { answers } from '../answers';

export function registerListRobots(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/robots',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Robots of the registry, without their secrets',
        response: answers({ 200: RobotList }),
      },
    },
    async () => {
      const now = deps.now();
      return { robots: (await deps.robots.list()).map((robot) => describeRobot(robot, now)) };
    },
  );
}
