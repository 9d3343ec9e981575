import { sleep } from '@temporalio/workflow';
import type { Measurement } from '../../activities/watch-window';
import type { Verdict } from '../../src/domain/verdict';
import { describeFailure, ranOutOfTime, requirePass, type Failure } from './failure';
import type { ReleaseRun } from './release-run';
import { recordUnmeasured } from './unmeasured';
import type { WindowPlan } from './windows';

/** Where a look at a window stands. */
export interface Look {
  /** ms since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly extensions: number;
}

/** Nobody answered for as long as a look is patient: neither measured nor judged. */
export interface Unanswered {
  readonly outcome: 'unanswered';
  readonly failure: Failure;
  readonly error: unknown;
}

/**
 * So long a look waits for its answer, by a plan: for one attempt that hangs. Then it is for the window to look again, so that the rollout is
 * asked again too.
 */
const LOOK_MS = 35_000;
/** Added to the policy's patience, as for other reads (proxies.ts). */
const OWN_MS = 5_000;

export function measurementOf(
  run: ReleaseRun,
  { gate, subject, env, digest, guardrails, comparison, served }: WindowPlan,
  extensions: number,
): Measurement {
  return {
    release: run.release,
    gate,
    subject,
    env,
    digest,
    guardrails,
    ...(comparison && {
      comparison: {
        judge: comparison.judge,
        stable: comparison.stable,
        alone: comparison.alone,
        extensions,
        ...(served && { share: served.percent }),
      },
    }),
  };
}

async function measure(
  run: ReleaseRun,
  plan: WindowPlan,
  { fromMs, toMs, extensions }: Look,
): Promise<Verdict> {
  const { gate, subject, rules } = plan;
  const { dependencyMs } = run.input.policy.timeouts;
  const patienceMs = Math.min(LOOK_MS, dependencyMs + OWN_MS);
  const verdict = await run.proxies.quick.measureWindow.executeWithOptions(
    {
      summary: `${gate} ${subject}: measured and judged`,
      ...(run.input.plan && { scheduleToCloseTimeout: patienceMs }),
    },
    [
      {
        ...measurementOf(run, plan, extensions),
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
        windowMs: rules.windowMs,
      },
    ],
  );
  run.progress.record(verdict);
  return verdict;
}

async function measureByPlan(
  run: ReleaseRun,
  plan: WindowPlan,
  at: Look,
): Promise<Verdict | Unanswered> {
  try {
    return await measure(run, plan, at);
  } catch (error) {
    if (!ranOutOfTime(error)) throw error;
    return { outcome: 'unanswered', failure: describeFailure(error), error };
  }
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

/** How long a window that is lost anyway waits for the rollout to tell the cause. */
const CAUSE_MS = 5_000;

/** The cause of what is measured may be in the rollout, which is asked at the same time; it throws GATE_FAILED then. */
export async function look(
  run: ReleaseRun,
  plan: WindowPlan,
  at: Look,
): Promise<Verdict | Unanswered> {
  if (!plan.served) return measure(run, plan, at);
  const served = requireServed(run, plan);
  const measured = measureByPlan(run, plan, at);
  const seen = await Promise.race([measured, served.then(() => measured)]);
  // A regression is not kept by a rollout target that does not answer; a pass is.
  const told = seen.outcome === 'fail' ? [sleep(CAUSE_MS, { summary: 'why?' })] : [];
  await Promise.race([served, ...told]);
  return seen;
}

/** Whether the candidate itself is still good, by its guardrails over the last window's length; throws GATE_FAILED when it is not. */
export async function lookAtGuardrails(run: ReleaseRun, plan: WindowPlan): Promise<void> {
  const { rules, startedAtMs, comparison } = plan;
  const alone = { ...plan, ...(comparison && { comparison: { ...comparison, stable: null } }) };
  const toMs = Date.now();
  const fromMs = Math.max(startedAtMs, toMs - rules.windowMs);
  const seen = await look(run, alone, { fromMs, toMs, extensions: 0 });
  if (seen.outcome === 'fail') requirePass(seen);
}

/** Since when looks have not been answered, in ms since the epoch; null: the last one was. */
export interface Patience {
  unansweredMs: number | null;
  /** The ledger was told so: once until it is answered again, as a held window may be looked at for days. */
  isRecorded: boolean;
}

type NamedWindow = Pick<WindowPlan, 'gate' | 'subject'>;

function repeatedStep({ gate, subject }: NamedWindow): string {
  return `retry: ${gate} ${subject} measured`;
}

/** From the look that was not answered on, people see that the window is not what takes the time. */
function lose(run: ReleaseRun, window: NamedWindow, patience: Patience, askedMs: number): void {
  patience.unansweredMs = askedMs;
  const { stage } = run.progress.status();
  run.progress.start(stage, repeatedStep(window), new Date(askedMs).toISOString());
}

/** Looks are answered again, or the window has ended. */
export function regain(
  run: ReleaseRun,
  window: NamedWindow,
  patience: Patience,
  state: 'done' | 'failed',
): void {
  if (patience.unansweredMs === null) return;
  patience.unansweredMs = null;
  run.progress.end(repeatedStep(window), state);
  if (state === 'done') run.progress.note(`${window.gate} ${window.subject} is measured again.`);
}

/**
 * The verdict of a look; null: none yet, look again, as the policy is still patient with what does not answer. Then what could not be
 * measured is an `error`, and the plan says what follows. Throws what else kept it from being judged.
 */
export function verdictOf(
  run: ReleaseRun,
  { gate, subject }: WindowPlan,
  seen: Verdict | Unanswered,
  { patience, at }: { readonly patience: Patience; readonly at: Look },
): Verdict | null {
  if (seen.outcome !== 'unanswered') {
    regain(run, { gate, subject }, patience, 'done');
    patience.isRecorded = false;
    return seen;
  }
  const { code, message } = seen.failure;
  const sinceMs = patience.unansweredMs ?? at.toMs;
  if (patience.unansweredMs === null) {
    lose(run, { gate, subject }, patience, at.toMs);
    run.progress.note(
      `${gate} ${subject} could not be measured and is looked at again: ${message}`,
    );
  }
  if (Date.now() - sinceMs < run.input.policy.timeouts.dependencyMs) return null;
  if (code !== 'METRICS_UNAVAILABLE' && code !== 'TIMED_OUT') throw seen.error;
  const reasons = [`could not be measured: ${message}`];
  const from = new Date(at.fromMs).toISOString();
  const evidence = { code, from, to: new Date(at.toMs).toISOString() };
  const verdict: Verdict = { gate, subject, outcome: 'error', reasons, evidence };
  if (patience.isRecorded) run.progress.record(verdict);
  else recordUnmeasured(run, verdict);
  patience.isRecorded = true;
  return verdict;
}
