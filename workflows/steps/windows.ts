import { sleep } from '@temporalio/workflow';
import type { Digest } from '../../src/domain/digest';
import type { JudgePlan, Undecided } from '../../src/domain/plan';
import type { Guardrails } from '../../src/domain/policy';
import type { Environment } from '../../src/domain/reference';
import type { Verdict } from '../../src/domain/verdict';
import {
  extendWindow,
  holdWindow,
  nextWindowStep,
  quietLook,
  rangeAt,
  startWindow,
  type WindowRules,
  type WindowState,
} from '../../src/domain/window';
import { requirePass } from './failure';
import { isHeld, tellHeld } from './hold';
import { look, regain, verdictOf, type Look, type Patience, type Unanswered } from './look';
import { inOwnScope } from './own-scope';
import type { ReleaseRun } from './release-run';
import { settleRecording } from './unmeasured';
import { watch, type Answered } from './watch';

/** What the candidate is compared with, and what follows when that can't be decided. */
export interface Comparison {
  readonly judge: JudgePlan;
  /** Null where nothing is stable, or stable has no traffic. */
  readonly stable: Digest | null;
  /** Nothing stable stands beside it: then a gateway knows the digest by the place of the stable one. */
  readonly alone: boolean;
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

/**
 * Waits through a window and judges it at its checkpoints; throws GATE_FAILED when it does not pass.
 * A window of 0 ms is a policy without one: nothing is measured, and nothing is called a pass. Returns when it was
 * looked at last, in ms since the epoch; null where it was not.
 */
export async function passWindow(run: ReleaseRun, plan: WindowPlan): Promise<number | null> {
  if (plan.rules.windowMs === 0) return null;
  const patience: Patience = { unansweredMs: null, isRecorded: false };
  try {
    return await judgeWindow(run, plan, patience);
  } finally {
    regain(run, plan, patience, 'failed');
  }
}

/** Releases of before there were plans stay as they were: another scope may change the order of commands. */
async function wait(run: ReleaseRun, { gate, subject }: WindowPlan, ms: number): Promise<void> {
  const options = { summary: `${gate} ${subject}` };
  if (!run.input.plan) await sleep(ms, options);
  else
    await inOwnScope(
      () => sleep(ms, options),
      () => true,
    );
}

function lookOnce(run: ReleaseRun, plan: WindowPlan, at: Look): Promise<Verdict | Unanswered> {
  if (!run.input.plan) return look(run, plan, at);
  // After a regression the rollout may not have answered yet.
  return inOwnScope(
    () => look(run, plan, at),
    ({ outcome }) => outcome !== 'fail',
  );
}

/** Null: not answered yet, look again. */
async function lookNow(
  run: ReleaseRun,
  plan: WindowPlan,
  state: WindowState,
  patience: Patience,
): Promise<Answered | null> {
  const toMs = Date.now();
  const at = { toMs, ...rangeAt(plan.rules, state, toMs) };
  const seen = await lookOnce(run, plan, at);
  const verdict = verdictOf(run, plan, seen, { patience, at });
  return verdict && { verdict, toMs };
}

async function judgeWindow(
  run: ReleaseRun,
  plan: WindowPlan,
  patience: Patience,
): Promise<number | null> {
  const { rules } = plan;
  let state: WindowState = startWindow(plan.startedAtMs);
  let verdict: Verdict | null = null;
  for (;;) {
    if (run.recording.length > 0) await settleRecording(run);
    const nowMs = Date.now();
    const step = nextWindowStep(rules, state, nowMs);
    switch (step.next) {
      case 'wait':
      case 'measure': {
        // What is not answered is for the release itself, which counts how long.
        const isAnswered = patience.unansweredMs === null;
        const quiet = plan.served && isAnswered ? quietLook(rules, state, nowMs) : null;
        if (step.next === 'wait' && !quiet) {
          await wait(run, plan, step.ms);
          break;
        }
        const watched = quiet && (await watch(run, plan, state, quiet.endMs));
        const seen = watched ?? (await lookNow(run, plan, state, patience));
        if (!seen) break;
        verdict = seen.verdict;
        state = { ...state, last: { outcome: verdict.outcome, toMs: seen.toMs } };
        break;
      }
      case 'extend':
        state = extendWindow(state, run.input.plan && { rules, nowMs });
        run.progress.note(`${plan.gate} ${plan.subject} could not be judged yet: extended.`);
        break;
      case 'end':
        if (!verdict) return null;
        if (!isHeld(plan, verdict)) {
          requirePass(verdict);
          return state.last?.toMs ?? null;
        }
        if (!state.hold) tellHeld(run, plan, verdict);
        state = holdWindow(rules, state, nowMs);
        break;
      case 'hold':
        state = holdWindow(rules, state, nowMs);
        break;
    }
  }
}
