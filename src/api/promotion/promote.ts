import { ReleaseError } from '../../contract/errors';
import { releaseWorkflowId } from '../../contract/ids';
import type { ReleaseRequest } from '../../contract/messages';
import type {
  PromoteAnswer,
  PromoteRequest,
  PromotionPlan,
} from '../../contract/schema/api-promotion';
import { hashPlan } from '../../contract/schema/plan';
import type { Actor } from '../../domain/actor';
import type { Plan } from '../../domain/plan';
import { decideSubmit, type LaneRequest, type LaneState } from '../../domain/lane';
import type { ApiDependencies } from '../dependencies';
import { checkEdges } from '../freeze/check-edges';
import { statusUrl, webUiUrl } from '../links';
import { findProblems } from './admission';
import { readCandidate, type Candidate } from './candidate';
import { findExisting, type Existing } from './existing';
import { toLaneState } from './lane-state';
import { planPromotion } from './plan';
import { planRelease } from './release-plan';

/** Starts the release, or answers with the one that is there already. Nothing is started when a check says no. */
export async function promote(
  deps: ApiDependencies,
  request: PromoteRequest,
  actor: Actor,
  requestId: string,
): Promise<PromoteAnswer> {
  const candidate = await readCandidate(deps, request);
  const plan = planRelease(deps, candidate.service, request);
  const [problem] = await findProblems(deps, candidate);
  if (problem) throw problem;
  const lane = await readLane(deps, candidate);
  const existing = await findExisting(deps, candidate, lane);
  if (existing) return answer(deps, existing.releaseId, { existing: true, place: existing.place });
  const order = toReleaseRequest(deps, candidate, plan, actor);
  const submitted = await deps.orchestrator.submitRelease(order, requestId);
  const { requestedAt } = order;
  return answer(deps, candidate.releaseId, { existing: false, requestedAt, ...submitted });
}

/** The same checks without an effect; what would refuse is listed instead of thrown. */
export async function planPromote(
  deps: ApiDependencies,
  request: PromoteRequest,
  actor: Actor,
): Promise<PromotionPlan> {
  const candidate = await readCandidate(deps, request);
  const plan = planRelease(deps, candidate.service, request);
  const problems = [...(await findProblems(deps, candidate))];
  const lane = await readLane(deps, candidate);
  const existing = await tryExisting(deps, candidate, lane, problems);
  const decision = decideSubmit<LaneRequest>(lane, toReleaseRequest(deps, candidate, plan, actor));
  if (!existing && decision.kind === 'refused') {
    const remedy = `see the lane: plura reg status ${candidate.service.svc}`;
    problems.push(new ReleaseError(decision.code, decision.message, { details: { remedy } }));
  }
  return planPromotion({
    candidate,
    plan,
    actor,
    lane,
    decision,
    channels: await deps.ledger.listChannels(candidate.service.svc),
    edges: (await checkEdges(deps, candidate.service.svc)).edges,
    policy: deps.policy,
    policyHash: deps.policyHash,
    existing: existing?.releaseId ?? null,
    problems,
  });
}

async function readLane(deps: ApiDependencies, candidate: Candidate): Promise<LaneState> {
  return toLaneState(await deps.orchestrator.getLane(candidate.service.svc), deps.policy);
}

async function tryExisting(
  deps: ApiDependencies,
  candidate: Candidate,
  lane: LaneState,
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
  plan: Plan,
  actor: Actor,
): ReleaseRequest {
  return {
    releaseId: candidate.releaseId,
    service: candidate.service,
    version: candidate.version,
    revision: candidate.revision,
    requestedAt: deps.now().toISOString(),
    origin: candidate.origin,
    ...(candidate.author !== null && { author: candidate.author }),
    requestedBy: actor,
    policy: deps.policy,
    policyHash: deps.policyHash,
    plan,
    planHash: hashPlan(plan),
  };
}

function answer(
  deps: ApiDependencies,
  releaseId: string,
  run: {
    readonly existing: boolean;
    readonly place: number | null;
    readonly superseded?: readonly string[];
    readonly requestedAt?: string;
  },
): PromoteAnswer {
  return {
    releaseId,
    workflowId: releaseWorkflowId(releaseId),
    existing: run.existing,
    place: run.place,
    superseded: run.superseded ?? [],
    requestedAt: run.requestedAt ?? deps.now().toISOString(),
    statusUrl: statusUrl(releaseId),
    webUiUrl: webUiUrl(deps.webUi, releaseId),
  };
}
