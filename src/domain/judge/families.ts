import type { JudgePlan } from '../plan';
import { rateAtLook } from './multiple';

type Rates = Pick<JudgePlan, 'falseAlarmRate' | 'errors' | 'metrics' | 'added'>;

/**
 * Of the false-alarm rate, for what the standard compares, and for what the plan of a promotion adds. Fixed, though most promotions add nothing:
 * what is added must neither leave less to find what the standard finds, nor have a rate beside the one that was promised.
 */
export const STANDARD_SHARE = 0.9;
export const ADDED_SHARE = 0.1;

const ERRORS = 'errors';

/** Of a comparison, `errors` or the name of a metric. */
export function isAdded({ added }: Pick<JudgePlan, 'added'>, test: string): boolean {
  return added?.includes(test) ?? false;
}

/** What all tests of a family share out. */
export function familyRate({ falseAlarmRate }: Rates, added: boolean): number {
  return falseAlarmRate * (added ? ADDED_SHARE : STANDARD_SHARE);
}

/** Of one test at the end of a window, when all that share the rate with it do so and there were looks before. */
export function rateAtEnd(judge: Rates, test: string): number {
  const all = [...judge.metrics.map(({ name }) => name), ...(judge.errors ? [ERRORS] : [])];
  const added = isAdded(judge, test);
  const sharers = all.filter((name) => isAdded(judge, name) === added);
  return rateAtLook(familyRate(judge, added) / Math.max(1, sharers.length), 1);
}
