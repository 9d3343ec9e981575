import type { MetricAnswer } from './window-input';
import type { Decision } from './multiple';

export type Numbers = MetricAnswer['numbers'];

/** A comparison before it is known what the others of the window found. */
export type Finding = Tested | Untested;

interface Tested {
  readonly kind: 'tested';
  readonly metric: string;
  readonly p: number;
  /** The smallest `p` possible, given what both sides saw together. */
  readonly leastP: number;
  /** The smallest `p` possible, given how much was seen. */
  readonly reachableP: number;
  /** The difference is as large as the plan asks for. */
  readonly matters: boolean;
  /** Why it says nothing unless it shows a regression; null where enough was seen. */
  readonly tooLittle: string | null;
  /** What is wrong if the test says so. */
  readonly worse: string;
  readonly numbers: (threshold: number) => Numbers;
}

interface Untested {
  readonly kind: 'untested';
  readonly metric: string;
  readonly outcome: 'inconclusive' | 'error';
  readonly reason: string;
  readonly numbers: Numbers;
}

/**
 * A test that could not have said `fail` whatever it saw says nothing by not saying it: `inconclusive`.
 */
export function settle(finding: Finding, decision: Decision): MetricAnswer {
  const { metric } = finding;
  if (finding.kind === 'untested') {
    const { outcome, reason, numbers } = finding;
    return { metric, outcome, reason, numbers };
  }
  const { threshold, rejected } = decision;
  const numbers = finding.numbers(threshold);
  if (rejected && finding.matters) {
    return {
      metric,
      outcome: 'fail',
      reason: `${finding.worse}, p = ${brief(finding.p)}`,
      numbers,
    };
  }
  if (finding.tooLittle !== null) {
    return { metric, outcome: 'inconclusive', reason: finding.tooLittle, numbers };
  }
  if (finding.reachableP > threshold) {
    const reason = `${metric} can't be told apart by so little: p is ${brief(finding.reachableP)} at least, ${brief(threshold)} needed`;
    return { metric, outcome: 'inconclusive', reason, numbers };
  }
  return { metric, outcome: 'pass', reason: '', numbers };
}

/** Six digits; JSON has no NaN, infinity or −0. Null stays null. */
export function asNumber(value: number): number | string;
export function asNumber(value: number | null): number | string | null;
export function asNumber(value: number | null): number | string | null {
  if (value === null) return null;
  return Number.isFinite(value) ? Number(value.toPrecision(6)) + 0 : String(value);
}

/** Three digits, for a sentence. */
export function brief(value: number): string {
  return String(Number(value.toPrecision(3)));
}

export function percent(ratio: number): string {
  return `${brief(ratio * 100)} %`;
}
