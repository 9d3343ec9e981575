import type { CreateRobotAnswer, RobotView } from '../../../contract/schema/api-robot';
import { formatRepositoryScope } from '../../../domain/registry/robot-scope';
import { formatTable } from '../../output/table';

function end({ expiresAt }: RobotView): string {
  return expiresAt ?? 'never';
}

export function formatRobots(robots: readonly RobotView[]): string {
  return formatTable(
    ['name', 'kind', 'state', 'scopes', 'expires', 'last used'],
    robots.map((robot) => [
      robot.name,
      robot.kind,
      robot.state,
      robot.scopes.map(formatRepositoryScope).join(' '),
      end(robot),
      robot.lastUsedAt ?? '-',
    ]),
  );
}

export function formatRobot(robot: RobotView): string {
  const lines = [
    `${robot.name}  ${robot.kind}, ${robot.state}`,
    ...(robot.description === '' ? [] : [`about    ${robot.description}`]),
    ...robot.scopes.map((scope) => `scope    ${formatRepositoryScope(scope)}`),
    `created  ${robot.createdAt} by ${robot.createdBy}`,
    `expires  ${end(robot)}`,
    ...(robot.rotatedAt === null ? [] : [`rotated  ${robot.rotatedAt}`]),
    ...(robot.disabledAt === null ? [] : [`disabled ${robot.disabledAt}`]),
    `used     ${robot.lastUsedAt ?? 'never'}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The one time that a secret is seen, with the way to put it to use that leaves it in no shell history. */
export function formatNewSecret({ robot, secret }: CreateRobotAnswer): string {
  return [
    `secret   ${secret}`,
    '         is shown this once',
    `log in   docker login REGISTRY --username ${robot.name} --password-stdin`,
    '',
  ].join('\n');
}
