import type { Principal, RegistryAction } from '../../domain/registry/principal';
import { classifyRepository } from '../../domain/registry/repository-class';
import { judgeWriter } from '../../domain/registry/tag-rules';
import { authorise, authoriseBase, authoriseCatalog } from '../auth/authorise';
import type { GatewayDependencies } from '../dependencies';
import { assertPushesOpen } from '../state/push-gate';
import { enforce } from './refused';
import type { Route } from './route';

/** What of a repository a request needs. Everything about an upload, cancelling too, is part of a push. */
export function actionOf(kind: Route['kind'], method: string): RegistryAction {
  if (kind === 'uploads' || kind === 'upload') return 'push';
  if (method === 'GET' || method === 'HEAD') return 'pull';
  return method === 'DELETE' ? 'delete' : 'push';
}

/** Routes that anyone may ask: they need no key, or have one of their own. */
const OPEN: readonly Route['kind'][] = ['token', 'health', 'metrics', 'notifications'];

/**
 * All that is decided before a handler runs: who may do what where, and whether writing is open.
 *
 * @throws Refused
 */
export function assertAccess(
  deps: Pick<GatewayDependencies, 'cache' | 'now' | 'policy'>,
  principal: Principal,
  route: Route,
  method: string,
): void {
  if (OPEN.includes(route.kind)) return;
  if (route.kind === 'base') {
    authoriseBase(principal);
    return;
  }
  if (route.kind === 'catalog') {
    authoriseCatalog(principal);
    return;
  }
  if (!('repository' in route)) return;
  const action = actionOf(route.kind, method);
  if (action !== 'push') {
    authorise(principal, route.repository, action);
    return;
  }
  const judged = judgeWriter(classifyRepository(route.repository, deps.policy.open), principal);
  // No scope lets a robot write a channel: it is told to promote, not to ask for a scope.
  if (principal.kind !== 'anonymous') enforce(judged);
  authorise(principal, route.repository, action);
  enforce(judged);
  // What the system may put while pushes are closed, the handler says once it has read it.
  const isJudgedLater = route.kind === 'manifest' && principal.kind === 'system';
  const beginsWrite = route.kind === 'uploads' || route.kind === 'manifest';
  if (beginsWrite && !isJudgedLater) assertPushesOpen(deps);
}
