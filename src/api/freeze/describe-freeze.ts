import { ReleaseError } from '../../contract/errors';
import type { FreezeView } from '../../contract/schema/api-freeze';
import type { Stretch } from '../../domain/freeze';
import type { Freeze } from '../../ports/freezes';
import type { ApiDependencies } from '../dependencies';
import { nextStretches } from './next-stretches';

export function viewStretch({ fromMs, toMs }: Stretch): {
  readonly from: string;
  readonly to: string;
} {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

export function describeFreeze(
  { freezeCalendar, now }: Pick<ApiDependencies, 'freezeCalendar' | 'now'>,
  freeze: Freeze,
): FreezeView {
  const { scope, ...rest } = freeze;
  const next = freeze.deletedAt === null ? tryNext(freezeCalendar, freeze, now()) : [];
  return { ...rest, ...scope, next: next.map(viewStretch) };
}

/** One that can't be read here is shown all the same: its edges are closed, and `check` says why. */
function tryNext(
  calendar: ApiDependencies['freezeCalendar'],
  { schedule }: Freeze,
  now: Date,
): readonly Stretch[] {
  try {
    return nextStretches(calendar, schedule, now);
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'INVALID_INPUT') return [];
    throw error;
  }
}
