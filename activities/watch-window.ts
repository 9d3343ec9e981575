import { Context } from '@temporalio/activity';
import { ERRORS, ReleaseError } from '../src/contract/errors';
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
import { judgeServed, type JudgeRolloutInput } from './judge-rollout';
import { recordVerdict } from './verdicts';
import { judgeMeasured, type MeasureWindowInput } from './window';

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
const ANSWER_MS = 20_000;
/** So long a window that is lost anyway waits for the rollout to tell the cause. */
const CAUSE_MS = 5_000;
/** A look taken up later than this is about now: what could be seen when it was due is old. */
const LATE_MS = 5_000;
/** A look that comes so little before its checkpoint is the one of that checkpoint: clocks differ. */
const EARLY_MS = 1_000;

export function createWatchWindowActivities(deps: WatchDeps): WatchWindowActivities {
  return {
    async watchWindow(input): Promise<Watched> {
      const { rules, state } = input;
      // The server's clock says what is due. The worker's may differ, so it is used for what has passed since only.
      const { currentAttemptScheduledTimestampMs: dueMs } = Context.current().info;
      const step = nextWindowStep(rules, state, dueMs);
      if (step.next === 'wait') throw notYet('passes so far', step.ms);
      const nowMs = (): number => Math.max(deps.now().getTime(), dueMs);
      const startedMs = nowMs();
      const toMs = startedMs - dueMs > LATE_MS ? startedMs : dueMs;
      const seen = await lookAt(deps, input, toMs);
      if (seen.measured?.outcome !== 'pass' || seen.rollout?.outcome !== 'pass') return seen;
      const doneMs = startedMs + Math.min(EARLY_MS, rules.checkpointMs / 10);
      const passed = { ...state, last: { outcome: 'pass', toMs: doneMs } } as const;
      const next = quietLook(rules, passed, nowMs());
      if (!next) return seen;
      const at = new Date(toMs).toISOString();
      throw notYet(`passes, looked at ${at}`, Math.max(1, next.dueMs - nowMs()));
    },
  };
}

type Answer = Promise<Verdict | null>;

/** A failure to answer is none of the candidate: who decides asks again. What came in time is recorded, and nothing else. */
async function lookAt(
  deps: WatchDeps,
  { rules, state, served, ...measurement }: WatchWindowInput,
  toMs: number,
): Promise<Watched> {
  const { release, gate, subject, env, digest } = measurement;
  const { fromMs } = rangeAt(rules, state, toMs);
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  const range = { from, to, windowMs: rules.windowMs };
  const seen = await answersOf(
    orNull(judgeMeasured(deps, { ...measurement, ...range })),
    orNull(judgeServed(deps, { release, gate, subject, env, digest, ...served })),
  );
  const record = async (verdict: Verdict | null): Answer =>
    verdict && orNull(recordVerdict(deps, release, verdict));
  const [measured, rollout] = await Promise.all([
    record(seen.measured),
    seen.rollout?.outcome === 'fail' ? record(seen.rollout) : seen.rollout,
  ]);
  return { toMs, measured, rollout };
}

async function answersOf(measuring: Answer, judging: Answer): Promise<Omit<Watched, 'toMs'>> {
  const inTime = timeLimit(ANSWER_MS);
  try {
    const first = await inTime.of(Promise.race([judging, measuring.then(() => null)]));
    if (first?.outcome === 'fail') return { measured: null, rollout: first };
    const measured = await inTime.of(measuring);
    if (measured?.outcome !== 'fail') return { measured, rollout: await inTime.of(judging) };
    // The cause of a regression may be in the rollout, but it is not kept by one that does not answer; a pass is.
    const forCause = timeLimit(CAUSE_MS);
    return { measured, rollout: await forCause.of(judging).finally(forCause.end) };
  } finally {
    inTime.end();
    // Nobody waits for it any more.
    judging.catch(() => undefined);
  }
}

/** Null for what has not answered; thrown on is what no repetition changes, such as that a newer writer owns the service. */
function orNull(answer: Promise<Verdict>): Answer {
  return answer.catch((error: unknown) => {
    if (error instanceof ReleaseError && !ERRORS[error.code].retryable) throw error;
    return null;
  });
}

interface TimeLimit {
  /** Null for what comes later. */
  readonly of: (answer: Answer) => Answer;
  readonly end: () => void;
}

/** One stretch of time for all that is asked. */
function timeLimit(ms: number): TimeLimit {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      resolve(null);
    }, ms);
  });
  return {
    of: (answer) => Promise.race([answer, over]),
    end: () => {
      clearTimeout(timer);
    },
  };
}
