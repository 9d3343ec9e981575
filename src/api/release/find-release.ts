import { ReleaseError } from '../../contract/errors';
import { releaseId, releaseWorkflowId } from '../../contract/ids';
import type { LaneStatus } from '../../contract/messages';
import type { ReleaseView } from '../../contract/schema/api-release';
import { appRepository } from '../../domain/reference';
import type { ReleaseStatus } from '../../domain/release';
import type { Service } from '../../domain/service';
import { findService } from '../checks/inputs';
import type { ApiDependencies } from '../dependencies';
import { webUiUrl } from '../links';

interface ReleaseParams {
  readonly svc: string;
  readonly tag: string;
}

/**
 * The ledger's record; a release that has not written there yet is asked for where it runs, then where
 * it waits. Throws RELEASE_NOT_FOUND.
 */
export async function findRelease(
  deps: ApiDependencies,
  params: ReleaseParams,
): Promise<ReleaseStatus> {
  const service = findService(deps.catalog, params.svc);
  // People write {semver}+{gitsha}, the wire has `_`.
  const id = releaseId(service.svc, params.tag.replace('+', '_'));
  const recorded = await deps.ledger.getStatus(id);
  if (recorded && recorded.outcome === undefined) return recorded;
  const lane = await deps.orchestrator.getLane(service.svc).catch(() => null);
  const queued = lane && queuedStatus(deps, service, lane, id);
  if (queued) return queued;
  if (recorded) return recorded;
  const running = await deps.orchestrator.getStatus(id);
  if (running) return running;
  throw new ReleaseError('RELEASE_NOT_FOUND', `There is no release ${id}`, {
    details: { field: 'tag', remedy: `list them: plura reg list --svc ${service.svc}` },
  });
}

export function toView(deps: ApiDependencies, status: ReleaseStatus): ReleaseView {
  return { ...status, webUiUrl: webUiUrl(deps.webUi, status.releaseId) };
}

/** A waiting release is no workflow yet: what the lane keeps of it is all there is to show. */
function queuedStatus(
  deps: ApiDependencies,
  service: Service,
  lane: LaneStatus,
  id: string,
): ReleaseStatus | null {
  const index = lane.queued.findIndex((entry) => entry.releaseId === id);
  const entry = lane.queued[index];
  if (!entry) return null;
  const [version = '', revision = ''] = id.slice(service.svc.length + 1).split('_');
  const place = index + (lane.running ? 2 : 1);
  return {
    releaseId: id,
    svc: service.svc,
    repository: appRepository(service.svc, service.name),
    version,
    revision,
    origin: { kind: 'source', path: '' },
    requestedBy: entry.requestedBy,
    requestedAt: entry.requestedAt,
    stage: 'queued',
    reason: lane.hold ? `the lane is held: ${lane.hold.reason}` : `place ${place} in the lane`,
    steps: [],
    verdicts: [],
    approvals: [],
    policyHash: deps.policyHash,
    workflowId: releaseWorkflowId(id),
  };
}
