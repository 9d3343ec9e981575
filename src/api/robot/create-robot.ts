import type { CreateRobotRequest } from '../../contract/schema/api-robot';
import type { Actor } from '../../domain/actor';
import { isPrivilegedKind } from '../../domain/registry/robot';
import { parseLifetime } from '../../domain/registry/robot-lifetime';
import type { NewRobot } from '../../ports/robots';
import { requirePermission } from '../identity/permissions';

/** @throws ReleaseError FORBIDDEN when only an admin may create such a one */
export function planRobot(request: CreateRobotRequest, actor: Actor, now: Date): NewRobot {
  const { name, kind, scopes, description = '', expiresIn } = request;
  const lifetimeMs = parseLifetime(expiresIn);
  if (isPrivilegedKind(kind)) requirePermission(actor, 'managePrivilegedRobots');
  if (lifetimeMs === null) requirePermission(actor, 'createLastingRobots');
  return {
    name,
    kind,
    scopes,
    description,
    createdBy: actor.subject,
    createdAt: now.toISOString(),
    expiresAt: lifetimeMs === null ? null : new Date(now.getTime() + lifetimeMs).toISOString(),
  };
}
