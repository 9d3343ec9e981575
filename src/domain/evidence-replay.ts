import type { WindowEvidence } from './evidence';
import { judgeSamples } from './judge/judge-samples';
import type { MetricAnswer, WindowAnswer, WindowInput } from './judge/window-input';

export type WindowJudge = (input: WindowInput) => WindowAnswer;

export interface Replay {
  readonly same: boolean;
  /** One line each: what was recorded, and what is judged now. */
  readonly differences: readonly string[];
}

/** The arithmetic keeps six digits; another processor may round the sixth the other way. */
const RELATIVE_TOLERANCE = 1.1e-5;
const MAX_DIFFERENCES = 100;

type Value = MetricAnswer['numbers'][string] | undefined;

function isClose(a: number, b: number): boolean {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return Object.is(a, b);
  return Math.abs(a - b) <= RELATIVE_TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
}

/** What JSON has no number for is a word in one answer and a number in another. */
function asValue(value: Value): Value {
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value;
}

function isSame(was: Value, now: Value): boolean {
  return typeof was === 'number' && typeof now === 'number' ? isClose(was, now) : was === now;
}

function compare(what: string, was: Value, now: Value): readonly string[] {
  if (isSame(asValue(was), asValue(now))) return [];
  return [`${what}: recorded ${show(was)}, judged now ${show(now)}`];
}

function show(value: Value): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? `"${value}"` : String(value);
}

function compareMetric(was: MetricAnswer, now: MetricAnswer): readonly string[] {
  const { metric } = was;
  const names = [...new Set([...Object.keys(was.numbers), ...Object.keys(now.numbers)])];
  return [
    ...compare(`${metric} outcome`, was.outcome, now.outcome),
    ...compare(`${metric} reason`, was.reason, now.reason),
    ...names.flatMap((name) => compare(`${metric} ${name}`, was.numbers[name], now.numbers[name])),
  ];
}

function compareMetrics(was: WindowAnswer, now: WindowAnswer): readonly string[] {
  const known = was.metrics.flatMap((metric) => {
    const same = now.metrics.find((one) => one.metric === metric.metric);
    return same ? compareMetric(metric, same) : [`${metric.metric}: is not judged now`];
  });
  const fresh = now.metrics
    .filter((metric) => !was.metrics.some((one) => one.metric === metric.metric))
    .map((metric) => `${metric.metric}: was not judged then`);
  return [...known, ...fresh];
}

/** Judges the stored samples again and compares every part of the answer, its arithmetic included. */
export function replayEvidence(
  evidence: WindowEvidence,
  judge: WindowJudge = judgeSamples,
): Replay {
  const was = evidence.answer;
  const now = judge(evidence.input);
  const differences = [
    ...compare('outcome', was.outcome, now.outcome),
    ...compare('reasons', was.reasons.join('; '), now.reasons.join('; ')),
    ...compareMetrics(was, now),
  ];
  return { same: differences.length === 0, differences: differences.slice(0, MAX_DIFFERENCES) };
}
