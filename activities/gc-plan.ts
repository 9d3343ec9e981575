import type { GcAnswer, GcAskInput } from '../src/contract/gc-messages';
import type { PlanHeader } from '../src/domain/gc/plan';
import type { PlanOrder, Planning } from '../src/ports/gc-planner';
import type { Deps } from './deps';
import { readLiveRoots } from './gc-live';
import { heartbeating } from './heartbeat';

type GcPlanDeps = Pick<
  Deps,
  'gcPlanner' | 'gcPlans' | 'readBases' | 'rescans' | 'rollout' | 'services'
>;

export interface MadePlan {
  readonly plan: PlanHeader;
  /** A person approved some plan of this registry once. */
  readonly wasAnyApproved: boolean;
}

/** Each throws LEDGER_UNAVAILABLE. A target that does not answer is a breach of the plan, which then deletes nothing. */
export interface GcPlanActivities {
  /** A retry makes a plan of its own, which supersedes the one of an attempt that was lost. */
  makeGcPlan(order: PlanOrder): Promise<MadePlan>;
  askGc(input: GcAskInput): Promise<GcAnswer>;
}

/** Of each direction of a diff so many are named. */
const MAX_FLIPS = 500;

function planning<T>(deps: GcPlanDeps, work: (planning: Planning) => Promise<T>): Promise<T> {
  return heartbeating((signal, note) =>
    work({ readLive: () => readLiveRoots(deps, signal), signal, note }),
  );
}

function ask(deps: GcPlanDeps, { question, policy }: GcAskInput): Promise<GcAnswer> {
  return planning(deps, async (run): Promise<GcAnswer> => {
    if (question.kind === 'explain') {
      const { repository, reference } = question;
      const order = { policy, repository, reference };
      return { kind: 'explain', explanation: await deps.gcPlanner.explain(order, run) };
    }
    const { repository, after } = question;
    const order = { before: policy, after, repository, limit: MAX_FLIPS };
    return { kind: 'diff', diff: await deps.gcPlanner.diff(order, run) };
  });
}

export function createGcPlanActivities(deps: GcPlanDeps): GcPlanActivities {
  return {
    makeGcPlan: (order) =>
      planning(deps, async (run) => ({
        plan: await deps.gcPlanner.plan(order, run),
        wasAnyApproved: await deps.gcPlans.wasAnyApproved(),
      })),
    askGc: (input) => ask(deps, input),
  };
}
