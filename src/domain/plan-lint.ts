import type { Plan } from './plan';
import { durationText } from './plan-duration';
import { lintAgainstPolicy, type LintPolicy } from './plan-lint-policy';
import { lintJudge } from './plan-lint-judge';
import { lintScrapes } from './plan-lint-scrapes';
import type { PlanFinding } from './plan-finding';
import { MAX_SAMPLES, samplesIn } from './plan-samples';
import { leastPercent, windowsOf, type PlannedWindow } from './plan-windows';

export interface LintContext {
  /** Absent: what differs from the policy is not looked for. */
  readonly policy?: LintPolicy;
  /** Of the whole service; absent: not known. */
  readonly requestsPerSecond?: number;
  /** How often the metrics are scraped; absent: not known. */
  readonly scrapeIntervalMs?: number;
}

/** Where nothing is known of the traffic, more than this is thought to be a slip. */
const MUCH_TRAFFIC = 100;

/** What can't work in a plan (error: a promotion must refuse it) and what likely isn't meant (warning). */
export function lintPlan(plan: Plan, context: LintContext = {}): readonly PlanFinding[] {
  const windows = windowsOf(plan);
  return [
    ...lintSteps(plan),
    ...windows.flatMap((window) => lintWindow(plan, window)),
    ...(['canary', 'observation'] as const).flatMap((gate) => {
      const own = windows.filter((one) => one.gate === gate && one.windowMs > 0);
      return [...lintCheckpoint(own), ...lintRequests(plan, own, context)];
    }),
    ...lintJudge(plan, windows),
    ...(context.scrapeIntervalMs === undefined ? [] : lintScrapes(plan, context.scrapeIntervalMs)),
    ...(context.policy ? lintAgainstPolicy(plan, context.policy) : []),
  ];
}

function lintSteps({ canary }: Plan): readonly PlanFinding[] {
  const percents = canary.steps.map((step) => step.percent);
  const rise = percents.every((percent, index) => percent > (percents[index - 1] ?? 0));
  if (rise && percents.at(-1) === 100) return [];
  return [
    {
      path: 'canary.steps',
      severity: 'error',
      message: `${percents.join(', ')} must rise and end at 100`,
      remedy: 'order the steps by percent and make the last one 100',
    },
  ];
}

function lintWindow({ judge }: Plan, window: PlannedWindow): readonly PlanFinding[] {
  const { path, windowMs, maxMs, samples } = window;
  if (windowMs === 0) {
    return [
      {
        path,
        severity: 'warning',
        message: '0s: nothing is measured and nothing is judged here',
        remedy: 'give it a length, such as 5m',
      },
    ];
  }
  // With all the traffic there is nothing to compare with, and no series is read.
  if (judge.metrics.length === 0 || window.percent >= 100) return [];
  const read = samplesIn(maxMs, judge.sampleIntervalMs);
  const each = `${durationText(windowMs)} with a sample every ${durationText(judge.sampleIntervalMs)}`;
  if (read > MAX_SAMPLES) {
    return [
      {
        path,
        severity: 'error',
        message: `extended, it gives ${read} samples; at most ${MAX_SAMPLES} are read`,
        remedy: 'raise judge.sampleInterval, or shorten the window',
      },
    ];
  }
  if (samples >= judge.minSamples) return [];
  const most = samplesIn(windowMs * judge.power.maxLengthening, judge.sampleIntervalMs);
  const never = most < judge.minSamples;
  return [
    {
      path,
      severity: never ? 'error' : 'warning',
      message: never
        ? `${each} gives ${samples} samples, ${most} at its longest, and judge.minSamples asks for ${judge.minSamples}: it is refused`
        : `${each} gives ${samples} samples and judge.minSamples asks for ${judge.minSamples}: it is always lengthened`,
      remedy: never
        ? 'lengthen the window, lower judge.sampleInterval or judge.minSamples, or raise judge.power.maxLengthening'
        : 'lengthen the window, or lower judge.sampleInterval or judge.minSamples',
    },
  ];
}

/** By the shortest window of a gate. */
function lintCheckpoint(windows: readonly PlannedWindow[]): readonly PlanFinding[] {
  const [shortest] = [...windows].sort((a, b) => a.windowMs - b.windowMs);
  if (!shortest || shortest.checkpointMs * 2 <= shortest.windowMs) return [];
  const { gate, checkpointMs, windowMs } = shortest;
  const late = checkpointMs > windowMs;
  const message = late
    ? `${durationText(checkpointMs)} is longer than the window of ${durationText(windowMs)}`
    : `${durationText(checkpointMs)} fits only once into the window of ${durationText(windowMs)}: a breach is seen at its end`;
  return [
    {
      path: `${gate}.checkpoint`,
      severity: late ? 'error' : 'warning',
      message,
      remedy: `at most ${durationText(Math.max(1, Math.floor(windowMs / 2)))}`,
    },
  ];
}

/** By the window of a gate that needs the most traffic. */
function lintRequests(
  { judge }: Plan,
  windows: readonly PlannedWindow[],
  { requestsPerSecond }: LintContext,
): readonly PlanFinding[] {
  const needed = (window: PlannedWindow): number => window.requestsPerSecond ?? 0;
  const [hardest] = [...windows].sort((a, b) => needed(b) - needed(a));
  if (!hardest) return [];
  const { gate, windowMs, maxMs, guardrails } = hardest;
  const percent = leastPercent(judge, hardest.percent);
  const path = `${gate}.guardrails.minRequests`;
  const driven = gate === 'canary' ? 'let scenarios drive it' : 'set observation.traffic to drive';
  const remedy = `lower it, lengthen the window, give it more traffic, or ${driven}`;
  if (requestsPerSecond === undefined) {
    const message = `${guardrails.minRequests} requests at ${percent} % in ${durationText(windowMs)} need ${round(needed(hardest))} requests a second of the service`;
    return needed(hardest) > MUCH_TRAFFIC ? [{ path, severity: 'warning', message, remedy }] : [];
  }
  const seen = (ms: number): number => Math.floor((requestsPerSecond * percent * ms) / 100_000);
  if (seen(windowMs) >= guardrails.minRequests) return [];
  const never = seen(maxMs) < guardrails.minRequests;
  const message = `at ${requestsPerSecond} requests a second, ${percent} % for ${durationText(windowMs)} sees ${seen(windowMs)} of the ${guardrails.minRequests} needed${never ? `, and ${seen(maxMs)} when extended` : ': it is always extended'}`;
  return [{ path, severity: never ? 'error' : 'warning', message, remedy }];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
