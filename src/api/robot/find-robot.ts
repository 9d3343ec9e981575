import { ReleaseError } from '../../contract/errors';
import type { Actor } from '../../domain/actor';
import { isPrivilegedKind } from '../../domain/registry/robot';
import type { Robot } from '../../ports/robots';
import type { ApiDependencies } from '../dependencies';
import { requirePermission } from '../identity/permissions';

/** @throws ReleaseError ROBOT_NOT_FOUND */
export async function findRobot(
  { robots }: Pick<ApiDependencies, 'robots'>,
  name: string,
): Promise<Robot> {
  const robot = await robots.get(name);
  if (robot) return robot;
  throw new ReleaseError('ROBOT_NOT_FOUND', `There is no robot "${name}"`, {
    details: { field: 'name', remedy: 'see plura reg robots list' },
  });
}

/**
 * The robot, for who may change it. One that could get the secret of a system robot, by rotating it, could write channels.
 *
 * @throws ReleaseError ROBOT_NOT_FOUND, FORBIDDEN
 */
export async function findRobotToChange(
  deps: Pick<ApiDependencies, 'robots'>,
  actor: Actor,
  name: string,
): Promise<Robot> {
  const robot = await findRobot(deps, name);
  if (isPrivilegedKind(robot.kind)) requirePermission(actor, 'managePrivilegedRobots');
  return robot;
}
