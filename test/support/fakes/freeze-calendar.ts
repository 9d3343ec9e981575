import { ReleaseError } from '../../../src/contract/errors';
import type { Stretch } from '../../../src/domain/freeze';
import { parseFreezeDuration } from '../../../src/domain/freeze-duration';
import type { FreezeSchedule, RecurringSchedule } from '../../../src/domain/freeze-schedule';
import type { FreezeCalendar } from '../../../src/ports/freezes';

const DAY_MS = 86_400_000;
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] as const;

function refuse(field: string, message: string): never {
  throw new ReleaseError('INVALID_INPUT', message, { details: { field, remedy: 'as in UTC' } });
}

/** Without an offset a time is one of UTC here. */
function msOf(time: string): number {
  return Date.parse(/(Z|[+-]\d{2}:\d{2})$/.test(time) ? time : `${time}Z`);
}

function weekdaysOf(rule: string): readonly string[] {
  const [, days] = /^FREQ=(?:DAILY|WEEKLY;BYDAY=([A-Z,]+))$/.exec(rule) ?? refuse('rule', rule);
  return days?.split(',') ?? WEEKDAYS;
}

function recur(schedule: RecurringSchedule, toMs: number): readonly Stretch[] {
  const days = weekdaysOf(schedule.rule);
  const duration = parseFreezeDuration(schedule.duration);
  const lengthMs = duration.days * DAY_MS + duration.seconds * 1000;
  const stretches: Stretch[] = [];
  for (let fromMs = msOf(schedule.start); fromMs < toMs; fromMs += DAY_MS) {
    const time = new Date(fromMs).toISOString().slice(0, 19);
    const isOut = schedule.except.some((one) => time.startsWith(one));
    if (!isOut && days.includes(WEEKDAYS[new Date(fromMs).getUTCDay()] ?? '')) {
      stretches.push({ fromMs, toMs: fromMs + lengthMs });
    }
  }
  return stretches;
}

function stretchesOf(schedule: FreezeSchedule, toMs: number): readonly Stretch[] {
  const zone = schedule.timeZone ?? 'UTC';
  if (zone !== 'UTC') refuse('timeZone', `"${zone}" is not a known time zone`);
  if (schedule.kind === 'recurring') return recur(schedule, toMs);
  const stretch = { fromMs: msOf(schedule.from), toMs: msOf(schedule.to) };
  return stretch.toMs > stretch.fromMs ? [stretch] : refuse('to', 'not after its begin');
}

/** Knows UTC, `FREQ=DAILY` and `FREQ=WEEKLY;BYDAY=…`: what tests of everything else need. */
export function createFakeFreezeCalendar(): FreezeCalendar {
  return {
    expand: (schedule, fromMs, toMs) =>
      stretchesOf(schedule, toMs).filter(
        (stretch) => stretch.toMs > fromMs && stretch.fromMs < toMs,
      ),
  };
}
