import type { ComparedMetric, JudgePlan } from '../plan';
import type { RequestCounts, Series } from '../series';
import { varianceInflation } from './autocorrelation';
import { cleanSeries } from './clean-series';
import { rateAtEnd } from './families';
import { percent } from './finding';
import { median } from './hodges-lehmann';
import { detectableErrorDifference, detectableShift } from './power';

export interface AdequacyInput {
  readonly judge: JudgePlan;
  readonly windowMs: number;
  /** What stable showed before, by the name of the metric. */
  readonly seen: Readonly<Record<string, Series>>;
  /** What the window is expected to hold; null where nobody knows. */
  readonly requests: { readonly candidate: number; readonly stable: RequestCounts } | null;
}

export interface MetricPower {
  readonly metric: string;
  /** The relative regression that the window can show with 80 % power; null: none, or not known. */
  readonly detectable: number | null;
  /** What was seen is enough to say so. */
  readonly known: boolean;
}

export interface WindowAdequacy {
  readonly decision: 'keep' | 'lengthen' | 'refuse';
  /** The window to run: longer than asked where lengthened. */
  readonly windowMs: number;
  /** One sentence each; empty where the window is kept as it is and all is known. */
  readonly reasons: readonly string[];
  /** In the window as decided; of a refused one, in the longest allowed. */
  readonly metrics: readonly MetricPower[];
  /** The difference of the error ratios that the window can show with 80 % power. */
  readonly errorDifference: number | null;
}

const ERRORS = 'errors';
/** Fewer samples of stable don't say how it varies. */
const MIN_SEEN = 10;

interface Outlook {
  readonly metric: string;
  /** Why what was seen doesn't say; null where it does. */
  readonly unknown: string | null;
  /** In a window of so many samples a side. */
  readonly detectable: (samples: number) => number | null;
}

/**
 * Before a window starts: can it show what the plan asks for? Kept if so or if nothing is asked, else lengthened to what is needed,
 * `maxLengthening` times at most, else refused. Presumes that the candidate varies as stable did. What was never seen is no reason to refuse.
 */
export function adequateWindow(input: AdequacyInput): WindowAdequacy {
  const { judge, windowMs } = input;
  const { sampleIntervalMs: stepMs, minSamples, power } = judge;
  const asked = samplesIn(windowMs, stepMs);
  const most = samplesIn(windowMs * Math.max(1, power.maxLengthening), stepMs);
  const outlooks = judge.metrics.map((metric) => outlookOf(metric, input));
  const needs = [
    ...(judge.metrics.some(({ required }) => required !== false)
      ? [{ samples: minSamples, reason: `${minSamples} samples a side are needed to judge` }]
      : []),
    ...outlooks.flatMap((outlook) => needOf(outlook, power.detect, asked, most)),
  ];
  const beyond = needs.filter(({ samples }) => samples > most);
  const longer = needs.filter(({ samples }) => samples > asked && samples <= most);
  const unknown = power.detect === null ? [] : outlooks.flatMap(({ unknown: why }) => why ?? []);
  const samples = beyond.length > 0 ? most : Math.max(asked, ...longer.map((need) => need.samples));
  const chosenMs = beyond.length === 0 && longer.length > 0 ? samples * stepMs : windowMs;
  return {
    decision: beyond.length > 0 ? 'refuse' : longer.length > 0 ? 'lengthen' : 'keep',
    windowMs: chosenMs,
    reasons: [...(beyond.length > 0 ? beyond : longer).map(({ reason }) => reason), ...unknown],
    metrics: outlooks.map(({ metric, unknown: why, detectable }) => ({
      metric,
      known: why === null,
      detectable: detectable(samples),
    })),
    errorDifference: errorOutlook(input, chosenMs / windowMs),
  };
}

function samplesIn(windowMs: number, stepMs: number): number {
  return Math.floor(windowMs / stepMs);
}

function outlookOf({ name, worseWhen, minEffect }: ComparedMetric, input: AdequacyInput): Outlook {
  const series = Object.hasOwn(input.seen, name) ? input.seen[name] : undefined;
  const samples = series ? cleanSeries(series).samples : [];
  const seen = samples.map(({ value }) => value);
  const unknown = whyUnknown(name, seen);
  const factor = varianceInflation(samples);
  const rate = rateAtEnd(input.judge, name) / (worseWhen === 'different' ? 2 : 1);
  return {
    metric: name,
    unknown,
    detectable: (count) =>
      unknown === null && count > 0
        ? detectableShift({ seen, samples: count, factor, rate, minEffect })
        : null,
  };
}

function whyUnknown(name: string, seen: readonly number[]): string | null {
  if (seen.length < MIN_SEEN) return `how ${name} of stable varies is not known yet`;
  if (median(seen) !== 0) return null;
  return `${name} of stable is mostly 0, of which no relative regression can be told`;
}

interface Need {
  /** A side; infinite where no length allowed is enough. */
  readonly samples: number;
  readonly reason: string;
}

/** What is detectable shrinks as a window grows, so the least length is found by halving. */
function needOf(
  { metric, unknown, detectable }: Outlook,
  detect: number | null,
  asked: number,
  most: number,
): readonly Need[] {
  if (detect === null || unknown !== null) return [];
  const isEnough = (samples: number): boolean => (detectable(samples) ?? Infinity) <= detect;
  if (isEnough(asked)) return [];
  const wanted = `a regression of ${percent(detect)} in ${metric}`;
  if (!isEnough(most)) {
    const best = detectable(most);
    const shows = best === null ? 'shows none' : `shows one of ${percent(best)} at least`;
    return [
      {
        samples: Infinity,
        reason: `${wanted} is asked for, and the longest window allowed ${shows}`,
      },
    ];
  }
  let low = asked;
  let high = most;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return [{ samples: high, reason: `${wanted} takes ${high} samples a side to show` }];
}

function errorOutlook(input: AdequacyInput, lengthening: number): number | null {
  const { requests, judge } = input;
  if (!requests || !judge.errors || requests.candidate <= 0 || requests.stable.requests <= 0) {
    return null;
  }
  return detectableErrorDifference({
    ratio: requests.stable.errors / requests.stable.requests,
    candidateRequests: requests.candidate * lengthening,
    stableRequests: requests.stable.requests * lengthening,
    rate: rateAtEnd(judge, ERRORS),
    minDifference: judge.errors.minDifference,
  });
}
