import type { ReleaseError } from '../../contract/errors';
import type { PromotionPlan } from '../../contract/schema/api-promotion';
import type { Actor } from '../../domain/actor';
import { commitAuthors } from '../../domain/authors';
import type { LaneState, SubmitDecision, LaneRequest } from '../../domain/lane';
import type { Plan } from '../../domain/plan';
import type { Policy } from '../../domain/policy';
import type { ChannelState } from '../../domain/release';
import type { Candidate } from './candidate';
import { describeProblem } from './describe-problem';
import { leastTimeMs, planStages } from './plan-stages';

interface PlanInput {
  readonly candidate: Candidate;
  readonly plan: Plan;
  readonly actor: Actor;
  readonly lane: LaneState;
  readonly decision: SubmitDecision<LaneRequest>;
  readonly channels: readonly ChannelState[];
  readonly edges: PromotionPlan['freezes'];
  readonly policy: Policy;
  readonly policyHash: string;
  readonly existing: string | null;
  readonly problems: readonly ReleaseError[];
}

/** What a promotion would do, from what is known now; decides nothing and touches nothing. */
export function planPromotion(input: PlanInput): PromotionPlan {
  const { candidate, plan, lane, decision, policy, problems } = input;
  const scenarios = candidate.service.scenarios.length;
  const stages = planStages({ policy, plan, origin: candidate.origin, scenarios });
  const { required, quorum, roles } = policy.approval;
  return {
    releaseId: candidate.releaseId,
    svc: candidate.service.svc,
    repository: candidate.repository,
    version: candidate.version,
    revision: candidate.revision,
    digest: candidate.digest,
    origin: candidate.origin,
    possible: problems.length === 0,
    existing: input.existing,
    stages,
    approvals: {
      required,
      quorum,
      roles: [...roles],
      missing: required ? quorum : 0,
      excluded: required ? [input.actor.subject, ...authorsOf(candidate)] : [],
    },
    queue: planQueue(lane, decision),
    channels: input.channels.map(({ channel, digest }) => ({ channel, digest })),
    freezes: input.edges.filter(({ state }) => state === 'frozen'),
    etaMs: leastTimeMs(stages),
    policyHash: input.policyHash,
    problems: problems.map(describeProblem),
  };
}

/** As far as it is known before the provenance is read. */
function authorsOf({ author, labels }: Candidate): readonly string[] {
  if (author !== null) return [author];
  return commitAuthors(labels, null).authors.map(({ who }) => who);
}

function planQueue(lane: LaneState, decision: SubmitDecision<LaneRequest>): PromotionPlan['queue'] {
  const supersedes =
    decision.kind === 'queued' ? decision.superseded.map((entry) => entry.releaseId) : [];
  const waiting = lane.queue.map((entry) => entry.releaseId);
  const running = lane.running?.releaseId ?? null;
  return {
    place: decision.kind === 'refused' ? null : decision.place,
    running,
    ahead: waiting.filter((id) => !supersedes.includes(id)),
    supersedes,
    hold: lane.hold,
  };
}
