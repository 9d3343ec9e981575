import {
  ActivityCancellationType,
  defineQuery,
  ParentClosePolicy,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  startChild,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { MadePlan } from '../activities/gc-plan';
import { GC_MESSAGES, type GcPlanInput, type GcPlanReport } from '../src/contract/gc-messages';
import { GC_RUN_WORKFLOWS, gcRunInput } from '../src/contract/gc-run-messages';
import { gcRunWorkflowId } from '../src/contract/ids';
import { decideRun } from '../src/domain/gc/decide-run';
import { retentionOf } from '../src/domain/gc/retention';
import { attempt } from './steps/attempt';
import { describePlanning } from './steps/gc-plan-details';

/** A million manifests take seconds; what they are read from may be away for a while. */
const activities = proxyActivities<Activities>({
  startToCloseTimeout: 1_800_000,
  heartbeatTimeout: 20_000,
  scheduleToCloseTimeout: 3_600_000,
  retry: {
    initialInterval: 1_000,
    backoffCoefficient: 2,
    maximumInterval: 60_000,
    maximumAttempts: 8,
  },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/**
 * Plans what of the registry goes, keeps the plan, and starts its run where it was asked for and nobody has to look at it first. Started
 * by the Schedule `gc-weekly`, id `gc-weekly-{time}`; or by a person, id `gc-plan` or `gc-plan/{repository}`. On the release queue. It
 * takes no message but the query `getGcPlanning`, and does not fail when something stays away: the report says so, and of the Schedule's
 * runs people are told what waits for them and what failed.
 */
export async function gcPlanWorkflow(input: GcPlanInput): Promise<GcPlanReport> {
  let report: GcPlanReport = {
    ...{ repository: input.repository, startedAt: new Date().toISOString(), endedAt: null },
    ...{ outcome: null, plan: null, reason: null, runWorkflowId: null },
  };
  setHandler(defineQuery<GcPlanReport>(GC_MESSAGES.getPlanning), () => report);
  setCurrentDetails(describePlanning(report));
  const made = await attempt(() => makePlan(input));
  const end: Partial<GcPlanReport> =
    made.stopped === null
      ? await settle(input, made.value)
      : { outcome: 'failed', reason: made.stopped };
  report = { ...report, ...end, endedAt: new Date().toISOString() };
  setCurrentDetails(describePlanning(report));
  if (input.by === 'schedule') await tell(report);
  return report;
}

function makePlan({ repository, policy, policyHash, requestedBy }: GcPlanInput): Promise<MadePlan> {
  return activities.makeGcPlan.executeWithOptions(
    { summary: `plan ${repository ?? 'all of the registry'}` },
    [{ repository, policy, policyHash, madeBy: requestedBy }],
  );
}

async function settle(
  input: GcPlanInput,
  { plan, wasAnyApproved }: MadePlan,
): Promise<Partial<GcPlanReport>> {
  const { id, expiresAt, totals, unknownCount } = plan;
  const summary = { id, expiresAt, totals, unknownCount, breaches: plan.breaches.length };
  const { by, policy } = input;
  const decision = decideRun({ plan, wasAnyApproved, by }, retentionOf(policy));
  if (decision.kind === 'nothing') return { outcome: 'nothing', plan: summary };
  if (input.then === 'report') return { outcome: 'reported', plan: summary };
  if (decision.kind === 'waits') {
    return { outcome: 'waits', plan: summary, reason: decision.reason };
  }
  const started = await attempt(() => startRun(id, input));
  return started.stopped === null
    ? { outcome: 'started', plan: summary, runWorkflowId: gcRunWorkflowId(id) }
    : { outcome: 'failed', plan: summary, reason: started.stopped };
}

/** It outlives this workflow: that is over in seconds, and the run takes as long as it takes. */
async function startRun(planId: string, input: GcPlanInput): Promise<void> {
  const run = gcRunInput(planId, input.requestedBy, retentionOf(input.policy));
  await startChild(GC_RUN_WORKFLOWS.run, {
    workflowId: gcRunWorkflowId(planId),
    parentClosePolicy: ParentClosePolicy.ABANDON,
    args: [input.by === 'schedule' ? { ...run, alert: true } : run],
    staticSummary: `Clean-up by ${planId}`,
  });
}

/** Nobody looks at what the Schedule starts. */
async function tell({ outcome, plan, reason, startedAt }: GcPlanReport): Promise<void> {
  if (outcome !== 'waits' && outcome !== 'failed') return;
  const day = startedAt.slice(0, 10);
  const alarm =
    outcome === 'waits'
      ? {
          title: 'A clean-up of the registry waits for approval',
          text: `${reason ?? ''}. Read it: plura reg gc show ${plan?.id ?? ''}; then plura reg gc approve ${plan?.id ?? ''} --reason …`,
        }
      : { title: 'The clean-up of the registry could not be planned', text: reason ?? '' };
  await attempt(() =>
    activities.notify.executeWithOptions({ summary: alarm.title }, [
      { id: `gc-plan/${outcome}/${day}`, severity: 'warning', svc: '', ...alarm },
    ]),
  );
}
