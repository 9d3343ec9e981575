import type { Stretch } from '../../domain/freeze';
import type { FreezeSchedule } from '../../domain/freeze-schedule';
import type { FreezeCalendar } from '../../ports/freezes';

const DAY_MS = 86_400_000;
const SHOWN = 3;
/** Most rules are seen in the first; the last holds a 29 February and more. */
const HORIZONS_DAYS = [40, 400, 4000];

/**
 * The stretch under way and those to come, three at most, within about ten years.
 *
 * @throws ReleaseError INVALID_INPUT when the schedule can't be read
 */
export function nextStretches(
  calendar: FreezeCalendar,
  schedule: FreezeSchedule,
  now: Date,
): readonly Stretch[] {
  let found: readonly Stretch[] = [];
  for (const days of HORIZONS_DAYS) {
    found = calendar.expand(schedule, now.getTime(), now.getTime() + days * DAY_MS);
    if (found.length >= SHOWN) break;
  }
  return found.slice(0, SHOWN);
}
