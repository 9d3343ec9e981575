import { ReleaseError } from '../../contract/errors';
import type { RollbackResult } from '../../contract/messages';
import type { RollbackPlan, RollbackRequest } from '../../contract/schema/api-rollback';
import type { Actor } from '../../domain/actor';
import type { Service } from '../../domain/service';
import { findServiceByRepository } from '../checks/inputs';
import type { ApiDependencies } from '../dependencies';
import { requirePermission } from '../identity/permissions';
import { describeProblem } from '../promotion/describe-problem';
import { chooseTarget, type ChosenTarget } from './target';

export async function rollBack(
  deps: ApiDependencies,
  request: RollbackRequest,
  actor: Actor,
  requestId: string,
): Promise<RollbackResult> {
  requireRight(actor, request);
  const requestedAt = deps.now().toISOString();
  const service = findServiceByRepository(deps.catalog, request.repo);
  const target = await chooseOrRepeat(deps, service, request, requestId);
  if ('done' in target) return target.done;
  return deps.orchestrator.rollBack(
    {
      service,
      target: target.target,
      actor,
      reason: request.reason,
      requestedAt,
      policy: deps.policy,
    },
    requestId,
  );
}

export async function planRollBack(
  deps: ApiDependencies,
  request: RollbackRequest,
  actor: Actor,
): Promise<RollbackPlan> {
  requireRight(actor, request);
  const service = findServiceByRepository(deps.catalog, request.repo);
  const lane = await deps.orchestrator.getLane(service.svc);
  const stable = await deps.ledger.getChannel(service.svc, { env: 'prod', tag: 'stable' });
  const problems: ReleaseError[] = [];
  const chosen = await tryChoose(deps, service, request, problems);
  return {
    svc: service.svc,
    from: chosen?.from ?? stable?.digest ?? null,
    to: chosen?.to ?? null,
    preempts: lane.running?.releaseId ?? null,
    holdsLane: deps.policy.rollback.holdLane,
    possible: problems.length === 0,
    problems: problems.map(describeProblem),
  };
}

/** A repeated request finds its own work done, which looks like a refusal: then its answer is the first one's. */
async function chooseOrRepeat(
  deps: ApiDependencies,
  service: Service,
  request: RollbackRequest,
  requestId: string,
): Promise<ChosenTarget | { readonly done: RollbackResult }> {
  try {
    return await chooseTarget(deps, service, request);
  } catch (error) {
    if (!(error instanceof ReleaseError) || error.code === 'INVALID_INPUT') throw error;
    const done = await deps.orchestrator.findRollback(service.svc, requestId).catch(() => null);
    if (done) return { done };
    throw error;
  }
}

async function tryChoose(
  deps: ApiDependencies,
  service: Service,
  request: RollbackRequest,
  problems: ReleaseError[],
): Promise<ChosenTarget | null> {
  try {
    return await chooseTarget(deps, service, request);
  } catch (error) {
    if (!(error instanceof ReleaseError) || error.code.endsWith('_UNAVAILABLE')) throw error;
    problems.push(error);
    return null;
  }
}

function requireRight(actor: Actor, request: RollbackRequest): void {
  requirePermission(actor, request.revertKey === undefined ? 'rollback' : 'rollbackByKey');
}
