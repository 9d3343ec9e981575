import { judgeWindow, staleLimitMs } from '../judge';
import type { JudgePlan } from '../plan';
import type { Series } from '../series';
import type { VerdictOutcome } from '../verdict';
import { compareErrors, isIdle, whyNotIdle } from './compare-errors';
import { compareMetric } from './compare-metric';
import { familyRate, isAdded } from './families';
import { settle, type Finding } from './finding';
import { holm, type Decision, type OneOfMany } from './multiple';
import type { MetricAnswer, TrackSamples, WindowAnswer, WindowInput } from './window-input';

/** The worst first. */
const BY_WEIGHT = ['fail', 'error', 'inconclusive', 'pass'] as const satisfies VerdictOutcome[];
const NO_CHANCE: OneOfMany = { p: 1, leastP: 1 };

/**
 * Judges a window of the candidate beside the same of stable. Guardrails first, as `judgeWindow`: unless they pass, theirs is
 * the answer and nothing is compared. Then errors, then each metric; the worst of these is the answer. `fail` is never given for what
 * could not be measured. A stable side that took no requests is as none, where chance may have left it none. Pure: the same input gives the same answer.
 */
export function judgeSamples(input: WindowInput): WindowAnswer {
  const { candidate, stable, guardrails, windowMs, judge, share } = input;
  const { outcome, reasons } = judgeWindow({ sample: candidate.measurement, guardrails, windowMs });
  if (outcome !== 'pass' || stable === null) return { outcome, reasons, metrics: [] };
  if (isIdle(stable, staleLimitMs(windowMs))) {
    const doubt = whyNotIdle(candidate, share);
    if (doubt !== null) return { outcome: 'error', reasons: [doubt], metrics: [] };
    const reason = 'not compared: stable took no requests, so guardrails alone decide';
    return { outcome, reasons: [reason], metrics: [] };
  }
  const findings = compare(input, stable);
  const decisions = decide(findings, input);
  const metrics = findings.map((finding, i) =>
    settle(finding, decisions[i] ?? { threshold: 0, rejected: false }),
  );
  return {
    outcome: worst(metrics.filter((answer) => counts(judge, answer))),
    reasons: inOrder(metrics).flatMap(({ reason }) => (reason === '' ? [] : [reason])),
    metrics,
  };
}

/** What a promotion added has its own part of the rate; to each of the two families the other's tests are none. */
function decide(
  findings: readonly Finding[],
  { judge, look }: WindowInput,
): readonly (Decision | undefined)[] {
  const familyOf = (added: boolean): readonly Decision[] => {
    const tests = findings.map((one) =>
      isAdded(judge, one.metric) === added ? chances(one) : NO_CHANCE,
    );
    return holm(tests, familyRate(judge, added), look ?? null);
  };
  const [usual, added] = [familyOf(false), familyOf(true)];
  return findings.map(({ metric }, i) => (isAdded(judge, metric) ? added : usual)[i]);
}

function compare(
  { judge, guardrails, candidate, windowMs }: WindowInput,
  stable: TrackSamples,
): Finding[] {
  const limitMs = staleLimitMs(windowMs);
  const { minRequests } = guardrails;
  const errors = judge.errors
    ? [compareErrors(candidate, stable, { ...judge.errors, minRequests }, limitMs)]
    : [];
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
function chances(finding: Finding): OneOfMany {
  return finding.kind === 'tested' ? finding : NO_CHANCE;
}

/** A metric that isn't required is no reason to stop where it can't say anything. */
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
