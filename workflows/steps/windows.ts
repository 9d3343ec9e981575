import { sleep } from '@temporalio/workflow';
import type { AssessedWindow, AssessWindowInput } from '../../activities/assess-window';
import type { Digest } from '../../src/domain/digest';
import type { JudgePlan, Undecided } from '../../src/domain/plan';
import type { Guardrails } from '../../src/domain/policy';
import type { Environment } from '../../src/domain/reference';
import type { Verdict } from '../../src/domain/verdict';
import {
  extendWindow,
  extensionsAt,
  holdWindow,
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
  /** What the rollout is asked for at each look; without it, as before there were plans, it is not asked. */
  readonly served?: ServedShare;
}

/** How the digest is to be served for as long as the window lasts. */
export interface ServedShare {
  readonly percent: number;
  /** RFC 3339: when its containers were started for this release. */
  readonly since: string;
}

/** Where a look at a window stands. */
interface Look {
  /** ms since the epoch. */
  readonly toMs: number;
  readonly extensions: number;
}

async function measure(
  run: ReleaseRun,
  plan: WindowPlan,
  { toMs, extensions }: Look,
): Promise<Verdict> {
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
        ...(comparison && {
          comparison: { judge: comparison.judge, stable: comparison.stable, extensions },
        }),
      },
    ],
  );
  run.progress.record(verdict);
  return verdict;
}

type ServedWindow = Pick<WindowPlan, 'gate' | 'subject' | 'env' | 'digest' | 'served'>;

/** Throws GATE_FAILED, with the cause, when the digest no longer runs or is no longer split as it was left. */
export async function requireServed(
  run: ReleaseRun,
  { gate, subject, env, digest, served }: ServedWindow,
): Promise<void> {
  if (!served) return;
  const { epoch } = run.input;
  const verdict = await run.proxies.quick.judgeRollout.executeWithOptions(
    { summary: `${gate} ${subject}: does it run as left?` },
    [{ release: run.release, gate, subject, env, digest, epoch, ...served }],
  );
  if (verdict.outcome !== 'pass') run.progress.record(verdict);
  requirePass(verdict);
}

/** While it holds before it starts, the candidate is looked at this often. */
const STAY_MS = 300_000;

async function stay(run: ReleaseRun, plan: WindowPlan, ms: number): Promise<void> {
  for (let leftMs = ms; leftMs > 0; leftMs -= STAY_MS) {
    await sleep(Math.min(leftMs, STAY_MS), { summary: `${plan.gate} ${plan.subject} holds` });
    await requireServed(run, plan);
  }
}

/** How long a window that is lost anyway waits for the rollout to tell the cause. */
const CAUSE_MS = 5_000;

/** The cause of what is measured may be in the rollout, which is asked at the same time; it throws GATE_FAILED then. */
async function look(run: ReleaseRun, plan: WindowPlan, at: Look): Promise<Verdict> {
  if (!plan.served) return measure(run, plan, at);
  const served = requireServed(run, plan);
  const measured = measure(run, plan, at);
  const verdict = await Promise.race([measured, served.then(() => measured)]);
  // A regression is not kept by a rollout target that does not answer; a pass is.
  const told = verdict.outcome === 'fail' ? [sleep(CAUSE_MS, { summary: 'why?' })] : [];
  await Promise.race([served, ...told]);
  return verdict;
}

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
  if (!comparison?.stable || windowMs === 0 || comparison.judge.metrics.length === 0) return plan;
  const { judge, stable } = comparison;
  const ask = (): Promise<AssessedWindow> => askPower(run, plan, { judge, stable, percent });
  let assessed = await ask();
  for (let asked = 1; isHeld(plan, assessed.verdict); asked += 1) {
    if (asked === 1) await tellHeld(run, plan, assessed.verdict);
    await stay(run, plan, windowMs * asked);
    assessed = await ask();
  }
  requirePass(assessed.verdict);
  if (assessed.windowMs !== windowMs) {
    run.progress.note(`${gate} ${subject} is lengthened: ${assessed.verdict.reasons.join('; ')}.`);
  }
  return { ...plan, rules: { ...rules, windowMs: assessed.windowMs }, startedAtMs: Date.now() };
}

async function askPower(
  run: ReleaseRun,
  { gate, subject, env, rules }: WindowPlan,
  { judge, stable, percent }: Pick<AssessWindowInput, 'judge' | 'stable' | 'percent'>,
): Promise<AssessedWindow> {
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
        windowMs: rules.windowMs,
        before: nowIso(),
      },
    ],
  );
  run.progress.record(assessed.verdict);
  return assessed;
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
  const { rules } = plan;
  if (rules.windowMs === 0) return;
  let state: WindowState = startWindow(plan.startedAtMs);
  let verdict: Verdict | null = null;
  for (;;) {
    const nowMs = Date.now();
    const step = nextWindowStep(rules, state, nowMs);
    switch (step.next) {
      case 'wait':
        await sleep(step.ms, { summary: `${plan.gate} ${plan.subject}` });
        break;
      case 'measure':
        verdict = await look(run, plan, {
          toMs: nowMs,
          extensions: extensionsAt(rules, state, nowMs),
        });
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
        if (!state.hold) await tellHeld(run, plan, verdict);
        state = holdWindow(rules, state, nowMs);
        break;
      case 'hold':
        state = holdWindow(rules, state, nowMs);
        break;
    }
  }
}
