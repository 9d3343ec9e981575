import { ReleaseError } from '../../contract/errors';
import { releaseWorkflowId } from '../../contract/ids';
import type { ReleaseRequest } from '../../contract/messages';
import type {
  PromoteAnswer,
  PromoteRequest,
  PromotionPlan,
} from '../../contract/schema/api-promotion';
import type { Actor } from '../../domain/actor';
import type { ApiDependencies } from '../dependencies';
import { statusUrl, webUiUrl } from '../links';
import { findProblems } from './admission';
import { readCandidate, type Candidate } from './candidate';
import { findExisting, type Existing } from './existing';
import { planPromotion } from './plan';

/** Starts the release, or answers with the one that is there already. Nothing is started when a check says no. */
export async function promote(
  deps: ApiDependencies,
  request: PromoteRequest,
  actor: Actor,
  requestId: string,
): Promise<PromoteAnswer> {
  const candidate = await readCandidate(deps, request);
  const [problem] = await findProblems(deps, candidate);
  if (problem) throw problem;
  const lane = await deps.orchestrator.getLane(candidate.service.svc);
  const existing = await findExisting(deps, candidate, lane);
  if (existing) return answer(deps, existing.releaseId, { existing: true, place: existing.place });
  const submitted = await deps.orchestrator.submitRelease(
    toReleaseRequest(deps, candidate, actor),
    requestId,
  );
  return answer(deps, candidate.releaseId, { existing: false, ...submitted });
}

/** The same checks without an effect; what would refuse is listed instead of thrown. */
export async function planPromote(
  deps: ApiDependencies,
  request: PromoteRequest,
  actor: Actor,
): Promise<PromotionPlan> {
  const candidate = await readCandidate(deps, request);
  const problems = [...(await findProblems(deps, candidate))];
  const lane = await deps.orchestrator.getLane(candidate.service.svc);
  const existing = await tryExisting(deps, candidate, lane, problems);
  const supersedes = deps.policy.lane.supersede === 'pending';
  if (!existing && !supersedes && lane.queued.length >= deps.policy.lane.maxQueued) {
    const waiting = `${lane.queued.length} releases wait already`;
    problems.push(
      new ReleaseError('LANE_FULL', waiting, { details: { remedy: 'wait, or abort one' } }),
    );
  }
  return planPromotion({
    candidate,
    actor,
    lane,
    channels: await deps.ledger.listChannels(candidate.service.svc),
    policy: deps.policy,
    policyHash: deps.policyHash,
    existing: existing?.releaseId ?? null,
    problems,
  });
}

async function tryExisting(
  deps: ApiDependencies,
  candidate: Candidate,
  lane: Parameters<typeof findExisting>[2],
  problems: ReleaseError[],
): Promise<Existing | null> {
  try {
    return await findExisting(deps, candidate, lane);
  } catch (error) {
    if (!(error instanceof ReleaseError) || error.code !== 'TAG_TAKEN') throw error;
    problems.push(error);
    return null;
  }
}

function toReleaseRequest(
  deps: ApiDependencies,
  candidate: Candidate,
  actor: Actor,
): ReleaseRequest {
  return {
    releaseId: candidate.releaseId,
    service: candidate.service,
    version: candidate.version,
    revision: candidate.revision,
    requestedAt: deps.now().toISOString(),
    origin: candidate.origin,
    requestedBy: actor,
    policy: deps.policy,
    policyHash: deps.policyHash,
  };
}

function answer(
  deps: ApiDependencies,
  releaseId: string,
  run: {
    readonly existing: boolean;
    readonly place: number | null;
    readonly superseded?: readonly string[];
  },
): PromoteAnswer {
  return {
    releaseId,
    workflowId: releaseWorkflowId(releaseId),
    existing: run.existing,
    place: run.place,
    superseded: run.superseded ?? [],
    statusUrl: statusUrl(releaseId),
    webUiUrl: webUiUrl(deps.webUi, releaseId),
  };
}
