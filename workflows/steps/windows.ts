import { sleep } from '@temporalio/workflow';
import type { Digest } from '../../src/domain/digest';
import type { JudgePlan, Undecided } from '../../src/domain/plan';
import type { Guardrails } from '../../src/domain/policy';
import type { Environment } from '../../src/domain/reference';
import type { Verdict } from '../../src/domain/verdict';
import {
  extendWindow,
  nextWindowStep,
  startWindow,
  type WindowRules,
  type WindowState,
} from '../../src/domain/window';
import { alertPeople } from './alerts';
import { requirePass } from './failure';
import { nowIso } from './progress';
import type { ReleaseRun } from './release-run';

/** What the candidate is compared with, and what follows when that can't be decided. */
export interface Comparison {
  readonly judge: JudgePlan;
  /** Null where nothing is stable, or stable has no traffic. */
  readonly stable: Digest | null;
  readonly undecided: Readonly<Record<'inconclusive' | 'error', Undecided>>;
}

export interface WindowPlan {
  readonly gate: 'canary' | 'observation';
  /** Told apart in the verdicts, e.g. `25 %`. */
  readonly subject: string;
  readonly env: Environment;
  readonly digest: Digest;
  readonly rules: WindowRules;
  readonly guardrails: Guardrails;
  /** ms since the epoch. */
  readonly startedAtMs: number;
  /** Without one guardrails alone decide. */
  readonly comparison?: Comparison;
}

async function measure(run: ReleaseRun, plan: WindowPlan, toMs: number): Promise<Verdict> {
  const { gate, subject, env, digest, rules, guardrails, startedAtMs, comparison } = plan;
  const verdict = await run.proxies.quick.measureWindow.executeWithOptions(
    { summary: `${gate} ${subject}: measured and judged` },
    [
      {
        release: run.release,
        gate,
        subject,
        env,
        digest,
        from: new Date(startedAtMs).toISOString(),
        to: new Date(toMs).toISOString(),
        windowMs: rules.windowMs,
        guardrails,
        ...(comparison && { comparison: { judge: comparison.judge, stable: comparison.stable } }),
      },
    ],
  );
  run.progress.record(verdict);
  return verdict;
}

/**
 * Before it starts: what the window can show, with 80 % power. Lengthened where the plan asks for more than it could; throws
 * GATE_FAILED where no length that the plan allows is enough.
 */
export async function assessWindow(
  run: ReleaseRun,
  plan: WindowPlan,
  percent: number,
): Promise<WindowPlan> {
  const { gate, subject, env, rules, comparison } = plan;
  const { windowMs } = rules;
  if (!comparison?.stable || windowMs === 0 || comparison.judge.metrics.length === 0) return plan;
  const { judge, stable } = comparison;
  const assessed = await run.proxies.quick.assessWindow.executeWithOptions(
    { summary: `${gate} ${subject}: what can be shown?` },
    [
      {
        release: run.release,
        gate,
        subject,
        env,
        stable,
        judge,
        percent,
        windowMs,
        before: nowIso(),
      },
    ],
  );
  run.progress.record(assessed.verdict);
  requirePass(assessed.verdict);
  if (assessed.windowMs !== windowMs) {
    run.progress.note(`${gate} ${subject} is lengthened: ${assessed.verdict.reasons.join('; ')}.`);
  }
  return { ...plan, rules: { ...rules, windowMs: assessed.windowMs }, startedAtMs: Date.now() };
}

/** True: traffic stays as it is, and the window goes on until it can be decided or somebody aborts. */
function isHeld({ comparison }: WindowPlan, { outcome }: Verdict): boolean {
  if (outcome === 'pass' || outcome === 'fail' || !comparison) return false;
  return comparison.undecided[outcome].then === 'hold';
}

async function tellHeld(run: ReleaseRun, plan: WindowPlan, verdict: Verdict): Promise<void> {
  const what = `${plan.gate} ${plan.subject}`;
  const why = verdict.reasons.join('; ');
  run.progress.note(`${what} holds: ${why}. It goes on until it can be judged, or is aborted.`);
  await alertPeople(run, {
    id: `hold/${what}`,
    title: `${what} holds`,
    text: `${why}. Traffic stays as it is; abort the release, or give it traffic.`,
  });
}

/**
 * Waits through a window and judges it at its checkpoints; throws GATE_FAILED when it does not pass.
 * A window of 0 ms is a policy without one: nothing is measured, and nothing is called a pass.
 */
export async function passWindow(run: ReleaseRun, plan: WindowPlan): Promise<void> {
  if (plan.rules.windowMs === 0) return;
  let state: WindowState = startWindow(plan.startedAtMs);
  let verdict: Verdict | null = null;
  let held = false;
  for (;;) {
    const nowMs = Date.now();
    const step = nextWindowStep(plan.rules, state, nowMs);
    switch (step.next) {
      case 'wait':
        await sleep(step.ms, { summary: `${plan.gate} ${plan.subject}` });
        break;
      case 'measure':
        verdict = await measure(run, plan, nowMs);
        state = { ...state, last: { outcome: verdict.outcome, toMs: nowMs } };
        break;
      case 'extend':
        state = extendWindow(state);
        run.progress.note(`${plan.gate} ${plan.subject} could not be judged yet: extended.`);
        break;
      case 'end':
        if (!verdict) return;
        if (!isHeld(plan, verdict)) {
          requirePass(verdict);
          return;
        }
        if (!held) await tellHeld(run, plan, verdict);
        held = true;
        state = extendWindow(state);
        break;
    }
  }
}
