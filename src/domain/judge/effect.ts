import type { WorseWhen } from '../plan';
import { hodgesLehmannShift, median } from './hodges-lehmann';

export interface Effect {
  /** In the metric's own unit; above 0 the candidate's values are the higher ones. */
  readonly shift: number;
  /** Of stable's level; infinite where that is 0. */
  readonly relative: number;
  /** Where most values are 0 the median says nothing: then the means are compared. */
  readonly basis: 'median' | 'mean';
}

const isMostlyZero = (values: readonly number[]): boolean =>
  2 * values.filter((value) => value === 0).length > values.length;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value / values.length, 0);

/** How far apart two samples are, neither of them empty. */
export function effectOf(candidate: readonly number[], stable: readonly number[]): Effect {
  const basis = isMostlyZero(candidate) || isMostlyZero(stable) ? 'mean' : 'median';
  const level = basis === 'mean' ? mean(stable) : median(stable);
  const shift = basis === 'mean' ? mean(candidate) - level : hodgesLehmannShift(candidate, stable);
  const relative = shift === 0 ? 0 : shift / Math.abs(level);
  return { shift, relative, basis };
}

/** How much worse that is, of stable's level; below 0 it is better. */
export function worseBy({ relative }: Effect, worseWhen: WorseWhen): number {
  if (worseWhen === 'higher') return relative;
  return worseWhen === 'lower' ? -relative : Math.abs(relative);
}
