import { Context } from '@temporalio/activity';
import type { Verdict } from '../src/domain/verdict';
import {
  nextWindowStep,
  quietLook,
  rangeAt,
  type WindowRules,
  type WindowState,
} from '../src/domain/window';
import type { Deps } from './deps';
import { notYet } from './failures';
import { judgeAndRecord, type JudgeRolloutInput } from './judge-rollout';
import { measureAndRecord, type MeasureWindowInput } from './window';

/** What is measured at each look, whatever its range. */
export type Measurement = Omit<MeasureWindowInput, 'from' | 'to' | 'windowMs'>;

export interface WatchWindowInput extends Measurement {
  /** How it was left: it passed when it was looked at last. */
  readonly state: WindowState;
  readonly rules: WindowRules;
  readonly served: Pick<JudgeRolloutInput, 'epoch' | 'percent' | 'since'>;
}

/** What there is to decide. */
export interface Watched {
  /** Where the newest look ended, in ms since the epoch. */
  readonly toMs: number;
  /** Null: it was not answered. */
  readonly measured: Verdict | null;
  /** Null: it was not answered, or not in time. */
  readonly rollout: Verdict | null;
}

export interface WatchWindowActivities {
  /**
   * Looks at a window that passes, at its checkpoints, and returns once there is something to decide: a look that does not pass or was
   * not answered, or one after which the window ends. Until then each attempt fails as not yet, to be tried again at the next checkpoint:
   * a look costs the release no line of its history, and no workflow task.
   */
  watchWindow(input: WatchWindowInput): Promise<Watched>;
}

type WatchDeps = Pick<Deps, 'metrics' | 'scrapeIntervalMs' | 'rollout' | 'ledger' | 'now'>;

/** So long a look waits for its answers; then the release looks itself, with the patience of its policy. */
const ANSWER_MS = 8_000;
/** So long a window that is lost anyway waits for the rollout to tell the cause. */
const CAUSE_MS = 5_000;
/** A look taken up later than this is about now: what could be seen when it was due is old. */
const LATE_MS = 5_000;

export function createWatchWindowActivities(deps: WatchDeps): WatchWindowActivities {
  return {
    async watchWindow(input): Promise<Watched> {
      const { rules, state } = input;
      const { currentAttemptScheduledTimestampMs: dueMs } = Context.current().info;
      const nowMs = (): number => Math.max(deps.now().getTime(), dueMs);
      const toMs = nowMs() - dueMs > LATE_MS ? nowMs() : dueMs;
      const step = nextWindowStep(rules, state, toMs);
      if (step.next === 'wait') throw notYet('passes so far', step.ms);
      const seen = await lookAt(deps, input, toMs);
      if (seen.measured?.outcome !== 'pass' || seen.rollout?.outcome !== 'pass') return seen;
      const next = quietLook(rules, { ...state, last: { outcome: 'pass', toMs } }, nowMs());
      if (!next) return seen;
      const at = new Date(toMs).toISOString();
      throw notYet(`passes, looked at ${at}`, Math.max(1, next.dueMs - nowMs()));
    },
  };
}

/** A failure to answer is none of the candidate: who decides asks again. */
async function lookAt(
  deps: WatchDeps,
  { rules, state, served, ...measurement }: WatchWindowInput,
  toMs: number,
): Promise<Watched> {
  const { release, gate, subject, env, digest } = measurement;
  const { fromMs } = rangeAt(rules, state, toMs);
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  const range = { from, to, windowMs: rules.windowMs };
  const measuring = orNull(measureAndRecord(deps, { ...measurement, ...range }));
  const judging = orNull(judgeAndRecord(deps, { release, gate, subject, env, digest, ...served }));
  const first = await within(Promise.race([judging, measuring.then(() => null)]), ANSWER_MS);
  if (first?.outcome === 'fail') return { toMs, measured: null, rollout: first };
  const measured = await within(measuring, ANSWER_MS);
  // The cause of a regression may be in the rollout, but it is not kept by one that does not answer; a pass is.
  const causeMs = measured?.outcome === 'fail' ? CAUSE_MS : ANSWER_MS;
  return { toMs, measured, rollout: await within(judging, causeMs) };
}

function orNull(answer: Promise<Verdict>): Promise<Verdict | null> {
  return answer.catch(() => null);
}

async function within(answer: Promise<Verdict | null>, ms: number): Promise<Verdict | null> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      resolve(null);
    }, ms);
  });
  try {
    return await Promise.race([answer, over]);
  } finally {
    clearTimeout(timer);
  }
}
