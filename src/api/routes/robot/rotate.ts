import {
  RobotParams,
  RotateRobotAnswer,
  RotateRobotRequest,
} from '../../../contract/schema/api-robot';
import { createRobotSecret, hashRobotSecret } from '../../../contract/schema/registry-token';
import { DEFAULT_GRACE, parseGrace } from '../../../domain/registry/robot-lifetime';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { auditRobot } from '../../robot/audit-robot';
import { describeRobot } from '../../robot/describe-robot';
import { findRobotToChange } from '../../robot/find-robot';
import { answers, MutationHeaders } from '../answers';

export function registerRotateRobot(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/robots/:name/rotate',
    {
      config: { permission: 'manageRobots' },
      schema: {
        summary: 'Give a robot a new secret, shown this once; the old one works on for a while',
        params: RobotParams,
        headers: MutationHeaders,
        body: RotateRobotRequest,
        response: answers({ 200: RotateRobotAnswer }),
      },
    },
    async (request, reply) => {
      const { name } = await findRobotToChange(deps, request.actor, request.params.name);
      const graceMs = parseGrace(request.body?.grace ?? DEFAULT_GRACE);
      const now = deps.now();
      const oldSecretValidUntil = new Date(now.getTime() + graceMs).toISOString();
      const secret = createRobotSecret();
      const hash = hashRobotSecret(secret);
      const robot = await deps.robots.rotate(name, hash, oldSecretValidUntil, now.toISOString());
      await auditRobot(deps, request, {
        action: 'robot.rotate',
        name,
        details: { oldSecretValidUntil },
      });
      void reply.header('cache-control', 'no-store');
      return { robot: describeRobot(robot, now), secret, oldSecretValidUntil };
    },
  );
}
