import { CreateRobotAnswer, CreateRobotRequest } from '../../../contract/schema/api-robot';
import { createRobotSecret, hashRobotSecret } from '../../../contract/schema/registry-token';
import { formatRepositoryScope } from '../../../domain/registry/robot-scope';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { auditRobot } from '../../robot/audit-robot';
import { planRobot } from '../../robot/create-robot';
import { describeRobot } from '../../robot/describe-robot';
import { answers, MutationHeaders } from '../answers';

export function registerCreateRobot(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/robots',
    {
      config: { permission: 'manageRobots' },
      schema: {
        summary: 'Create a robot; its secret is shown this once',
        headers: MutationHeaders,
        body: CreateRobotRequest,
        response: answers({ 201: CreateRobotAnswer }),
      },
    },
    async (request, reply) => {
      const plan = planRobot(request.body, request.actor, deps.now());
      const secret = createRobotSecret();
      const robot = await deps.robots.create(plan, hashRobotSecret(secret));
      const { kind, expiresAt } = robot;
      const scopes = robot.scopes.map(formatRepositoryScope);
      await auditRobot(deps, request, {
        action: 'robot.create',
        name: robot.name,
        details: { kind, scopes, expiresAt },
      });
      void reply.code(201).header('cache-control', 'no-store');
      return { robot: describeRobot(robot, deps.now()), secret };
    },
  );
}
