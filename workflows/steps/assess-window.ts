import { sleep } from '@temporalio/workflow';
import type { AssessedWindow, AssessWindowInput } from '../../activities/assess-window';
import type { Verdict } from '../../src/domain/verdict';
import { holdPauseMs } from '../../src/domain/window';
import { asideOf } from '../../src/domain/window-subject';
import { describeFailure, ranOutOfTime, requirePass } from './failure';
import { isHeld, tellHeld } from './hold';
import { lookAtGuardrails } from './look';
import { nowIso } from './progress';
import type { ReleaseRun } from './release-run';
import { recordUnmeasured, settleRecording } from './unmeasured';
import type { WindowPlan } from './windows';

/**
 * Before it starts: what the window can show, with 80 % power. Lengthened where the plan asks for more than it could. Where no length
 * that the plan allows is enough, it is undecided: throws GATE_FAILED, or holds and asks again after as long as a window, if the plan says so.
 */
export async function assessWindow(
  run: ReleaseRun,
  plan: WindowPlan,
  percent: number,
): Promise<WindowPlan> {
  const { gate, subject, rules, comparison } = plan;
  const { windowMs } = rules;
  if (!comparison?.stable || windowMs === 0) return plan;
  const { judge, stable } = comparison;
  if (judge.metrics.length === 0 && judge.errors === null) return plan;
  const ask = (): Promise<AssessedWindow> => askPower(run, plan, { judge, stable, percent });
  let assessed = await ask();
  let looks = 0;
  for (let asked = 1; isHeld(plan, assessed.verdict); asked += 1) {
    if (asked === 1) tellHeld(run, plan, assessed.verdict);
    looks = await stay(run, plan, { ms: windowMs * asked, looks });
    assessed = await ask();
  }
  requirePass(assessed.verdict);
  if (assessed.windowMs !== windowMs) {
    run.progress.note(`${gate} ${subject} is lengthened: ${assessed.verdict.reasons.join('; ')}.`);
  }
  return { ...plan, rules: { ...rules, windowMs: assessed.windowMs }, startedAtMs: Date.now() };
}

/** While it holds before it starts it has its traffic, and its guardrails are looked at as in a held window. Returns the looks so far. */
async function stay(
  run: ReleaseRun,
  plan: WindowPlan,
  { ms, looks }: { readonly ms: number; readonly looks: number },
): Promise<number> {
  const untilMs = Date.now() + ms;
  for (let look = looks; ; look += 1) {
    const leftMs = untilMs - Date.now();
    if (leftMs <= 0) return look;
    const pauseMs = Math.min(leftMs, holdPauseMs(plan.rules, look));
    await sleep(pauseMs, { summary: `${plan.gate} ${plan.subject} holds` });
    await lookAtGuardrails(run, plan);
  }
}

async function askPower(
  run: ReleaseRun,
  { gate, subject, env, rules }: WindowPlan,
  { judge, stable, percent }: Pick<AssessWindowInput, 'judge' | 'stable' | 'percent'>,
): Promise<AssessedWindow> {
  const { windowMs } = rules;
  await settleRecording(run);
  const before = nowIso();
  try {
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
          before,
        },
      ],
    );
    run.progress.record(assessed.verdict);
    return assessed;
  } catch (error) {
    const { code, message } = describeFailure(error);
    if (!ranOutOfTime(error) || code !== 'METRICS_UNAVAILABLE') throw error;
    // Not measured for as long as the policy is patient: the plan says what follows.
    const reasons = [`could not be measured: ${message}`];
    const asked = { gate, subject: asideOf(subject, 'power'), evidence: { code, before } };
    const verdict: Verdict = { ...asked, outcome: 'error', reasons };
    recordUnmeasured(run, verdict);
    return { verdict, windowMs };
  }
}
