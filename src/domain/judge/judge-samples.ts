import { judgeWindow, staleLimitMs } from '../judge';
import type { JudgePlan } from '../plan';
import type { Series } from '../series';
import type { VerdictOutcome } from '../verdict';
import { compareErrors } from './compare-errors';
import { compareMetric } from './compare-metric';
import { settle, type Finding } from './finding';
import { holm } from './multiple';
import type { MetricAnswer, TrackSamples, WindowAnswer, WindowInput } from './window-input';

/** The worst first. */
const BY_WEIGHT = ['fail', 'error', 'inconclusive', 'pass'] as const satisfies VerdictOutcome[];

/**
 * Judges a window of the candidate beside the same of stable. Guardrails first, as `judgeWindow`: unless they pass, theirs is
 * the answer and nothing is compared. Then errors, then each metric; the worst of these is the answer. `fail` is never given for what
 * could not be measured. Pure: the same input gives the same answer.
 */
export function judgeSamples(input: WindowInput): WindowAnswer {
  const { candidate, stable, guardrails, windowMs, judge } = input;
  const { outcome, reasons } = judgeWindow({ sample: candidate.measurement, guardrails, windowMs });
  if (outcome !== 'pass' || stable === null) return { outcome, reasons, metrics: [] };

  const findings = compare(input, stable);
  const decisions = holm(findings.map(chances), judge.falseAlarmRate, input.look ?? null);
  const metrics = findings.map((finding, i) =>
    settle(finding, decisions[i] ?? { threshold: 0, rejected: false }),
  );
  return {
    outcome: worst(metrics.filter((answer) => counts(judge, answer))),
    reasons: inOrder(metrics.filter((answer) => counts(judge, answer))).flatMap(({ reason }) =>
      reason === '' ? [] : [reason],
    ),
    metrics,
  };
}

function compare({ judge, candidate, windowMs }: WindowInput, stable: TrackSamples): Finding[] {
  const limitMs = staleLimitMs(windowMs);
  const errors = judge.errors ? [compareErrors(candidate, stable, judge.errors, limitMs)] : [];
  const metrics = judge.metrics.map((metric) => {
    const sides = {
      candidate: seriesOf(candidate, metric.name),
      stable: seriesOf(stable, metric.name),
    };
    return compareMetric(metric, sides, judge, limitMs);
  });
  return [...errors, ...metrics];
}

function seriesOf({ series }: TrackSamples, name: string): Series | undefined {
  return Object.hasOwn(series, name) ? series[name] : undefined;
}

/** What was not tested can't raise a false alarm. */
function chances(finding: Finding): { readonly p: number; readonly leastP: number } {
  return finding.kind === 'tested' ? finding : { p: 1, leastP: 1 };
}

/** A metric that nobody asked for is no reason to stop where it has too little to say. */
function counts({ metrics }: JudgePlan, { metric, outcome }: MetricAnswer): boolean {
  const plan = metrics.find(({ name }) => name === metric);
  return outcome !== 'inconclusive' || plan?.required !== false;
}

function worst(metrics: readonly MetricAnswer[]): VerdictOutcome {
  return inOrder(metrics)[0]?.outcome ?? 'pass';
}

function inOrder(metrics: readonly MetricAnswer[]): readonly MetricAnswer[] {
  const weight = ({ outcome }: MetricAnswer): number => BY_WEIGHT.indexOf(outcome);
  return [...metrics].sort((a, b) => weight(a) - weight(b));
}
