import { ReleaseError } from '../../contract/errors';
import type { GrantRequest } from '../../contract/schema/api-allow';
import type { Actor } from '../../domain/actor';
import { allowListOf } from '../../domain/admission/allow-policy';
import {
  environmentOfScope,
  isOwnGrant,
  needsFourEyes,
  type Grant,
  type GrantScope,
} from '../../domain/admission/grant';
import type { ApiDependencies } from '../dependencies';
import { requirePermission } from '../identity/permissions';
import { readPinnedImage } from './read-image';

const DAY_MS = 86_400_000;

/**
 * @throws ReleaseError INVALID_INPUT with the field at fault; FORBIDDEN in prod without the role for it, or to oneself
 */
export function readGrant(
  { policy, now }: Pick<ApiDependencies, 'policy' | 'now'>,
  request: GrantRequest,
  actor: Actor,
  id: string,
): Grant {
  const image = readPinnedImage(request.image);
  const scope = readScope(request);
  const allowList = allowListOf(policy);
  const { owner, reason, expiresIn } = request;
  if (expiresIn > allowList.maxGrantMs) throw tooLong(allowList.maxGrantMs);
  const grantedAt = now();
  const grant: Grant = {
    id,
    ...image,
    ...scope,
    owner,
    reason,
    grantedBy: actor.subject,
    grantedAt: grantedAt.toISOString(),
    expiresAt: new Date(grantedAt.getTime() + expiresIn).toISOString(),
  };
  if (needsFourEyes(environmentOfScope(scope, allowList))) {
    requirePermission(actor, 'grantProd');
    if (isOwnGrant(grant)) throw ownGrant(owner);
  }
  return grant;
}

function readScope({ namespace, environment }: GrantRequest): GrantScope {
  const scope = { namespaces: namespace ?? null, environment: environment ?? null };
  if ((scope.namespaces === null) !== (scope.environment === null)) return scope;
  throw new ReleaseError('INVALID_INPUT', 'A grant is for a namespace or for an environment', {
    details: { field: 'namespace', remedy: 'give exactly one of namespace and environment' },
  });
}

function tooLong(maxMs: number): ReleaseError {
  const most = `${Math.floor((maxMs / DAY_MS) * 100) / 100}d`;
  return new ReleaseError('INVALID_INPUT', `A grant may last ${most} at most`, {
    details: { field: 'expiresIn', remedy: 'ask for less, and release it before that' },
  });
}

function ownGrant(owner: string): ReleaseError {
  return new ReleaseError('FORBIDDEN', `${owner} may not grant to themselves in prod`, {
    details: {
      field: 'owner',
      remedy: 'someone else with the role security has to grant it; a pattern counts as prod',
    },
  });
}
