import { percentile } from './percentile';
import { TURNAROUND_PARTS, type Turnaround, type TurnaroundPart } from './turnaround';

export interface Percentiles {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export interface PartSummary extends Percentiles {
  readonly part: TurnaroundPart;
  /** Of all wall time, 0 to 1. */
  readonly share: number;
}

export interface TurnaroundSummary {
  readonly releases: number;
  readonly total: Percentiles;
  /** Every part, in reading order. Percentiles of parts do not add up to those of the total. */
  readonly parts: readonly PartSummary[];
  /** Where most of the time went; null when no time passed. */
  readonly topBlocker: TurnaroundPart | null;
}

function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  return { p50Ms: percentile(sorted, 0.5), p95Ms: percentile(sorted, 0.95) };
}

const sum = (values: readonly number[]): number => values.reduce((total, ms) => total + ms, 0);

/** p50 and p95 of the releases of a service, and where their time went. */
export function summarizeTurnaround(all: readonly Turnaround[]): TurnaroundSummary {
  const wholeMs = sum(all.map((one) => one.totalMs));
  const parts = TURNAROUND_PARTS.map((part) => {
    const values = all.map((one) => one.parts[part]);
    return {
      part,
      ...percentilesOf(values),
      share: wholeMs === 0 ? 0 : sum(values) / wholeMs,
    };
  });
  const top = parts.reduce((most, one) => (one.share > most.share ? one : most));
  return {
    releases: all.length,
    total: percentilesOf(all.map((one) => one.totalMs)),
    parts,
    topBlocker: top.share > 0 ? top.part : null,
  };
}
