import { LRUCache } from 'lru-cache';
import { RRuleTemporal } from 'rrule-temporal';
import { ReleaseError } from '../../contract/errors';
import type { Stretch } from '../../domain/freeze';
import { parseFreezeDuration } from '../../domain/freeze-duration';
import { ScheduleFault } from '../../domain/freeze-fault';
import {
  scheduleFault,
  type FreezeSchedule,
  type OnceSchedule,
  type RecurringSchedule,
} from '../../domain/freeze-schedule';
import type { FreezeCalendar } from '../../ports/freezes';

type Occurrence = ReturnType<RRuleTemporal['between']>[number];

const DAY_MS = 86_400_000;
/** Periods that a rule is followed through: a daily one for 54 years. */
const MAX_PERIODS = 20_000;
const MAX_CACHED = 2000;
const ONE = 'FREQ=DAILY;COUNT=1';

/**
 * RFC 5545 schedules in any IANA time zone, with the time zone data of the runtime. A rule takes a millisecond and more to follow,
 * and is asked about at every edge of every release: it is followed once a day, over whole days.
 */
export function createRruleCalendar(): FreezeCalendar {
  const cache = new LRUCache<string, readonly Stretch[]>({ max: MAX_CACHED });

  function wholeDays(schedule: FreezeSchedule, fromMs: number, toMs: number): readonly Stretch[] {
    const from = Math.floor(fromMs / DAY_MS) * DAY_MS;
    const to = Math.ceil(toMs / DAY_MS) * DAY_MS;
    const key = JSON.stringify([schedule, from, to]);
    const known = cache.get(key) ?? follow(schedule, from, to);
    cache.set(key, known);
    return known;
  }

  return {
    expand: (schedule, fromMs, toMs) => {
      try {
        return wholeDays(schedule, fromMs, toMs).filter(
          (stretch) => stretch.toMs > fromMs && stretch.fromMs < toMs,
        );
      } catch (error) {
        throw toReleaseError(error);
      }
    },
  };
}

function follow(schedule: FreezeSchedule, fromMs: number, toMs: number): readonly Stretch[] {
  return schedule.kind === 'once'
    ? [stretchOf(schedule)]
    : recurringStretches(schedule, fromMs, toMs);
}

function stretchOf({ from, to, timeZone }: OnceSchedule): Stretch {
  const stretch = { fromMs: instantOf(from, timeZone), toMs: instantOf(to, timeZone) };
  if (stretch.toMs > stretch.fromMs) return stretch;
  throw scheduleFault('to', `It ends at ${to}, which is not after ${from}`);
}

/** A time that daylight saving leaves out is read with the offset before the gap, one that it doubles is the first (RFC 5545, 3.3.5). */
function instantOf(time: string, timeZone: string | null): number {
  if (timeZone === null) return Date.parse(time);
  const [first] = ruleOf({ rule: ONE, start: time, timeZone }).all();
  if (first) return first.epochMilliseconds;
  throw scheduleFault('from', `"${time}" is no time in ${timeZone}`);
}

function recurringStretches(
  schedule: RecurringSchedule,
  fromMs: number,
  toMs: number,
): readonly Stretch[] {
  const { days, seconds } = parseFreezeDuration(schedule.duration);
  // What began earlier is over by then, whatever the clocks were changed by.
  const earliestMs = fromMs - (days + 1) * DAY_MS - seconds * 1000;
  const skipped = new Set(schedule.except);
  return ruleOf(schedule)
    .between(new Date(earliestMs), new Date(toMs), true)
    .filter((occurrence) => !isSkipped(occurrence, skipped))
    .map((occurrence) => ({
      fromMs: occurrence.epochMilliseconds,
      toMs: occurrence.add({ days, seconds }).epochMilliseconds,
    }));
}

function isSkipped(occurrence: Occurrence, skipped: ReadonlySet<string>): boolean {
  const local = occurrence.toPlainDateTime().toString();
  return skipped.has(local) || skipped.has(local.slice(0, 10));
}

function ruleOf({
  rule,
  start,
  timeZone,
}: Pick<RecurringSchedule, 'rule' | 'start' | 'timeZone'>): RRuleTemporal {
  if (!isTimeZone(timeZone)) {
    throw scheduleFault('timeZone', `"${timeZone}" is not a known time zone`);
  }
  const compact = start.replaceAll(/[-:]/g, '');
  return new RRuleTemporal({
    rruleString: `DTSTART;TZID=${timeZone}:${compact}\nRRULE:${rule}`,
    strict: true,
    maxIterations: MAX_PERIODS,
  });
}

/** Names only: RFC 5545 knows no time zones such as `+02:00`. */
function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/.test(text)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function toReleaseError(error: unknown): ReleaseError {
  const fault =
    error instanceof ScheduleFault
      ? error
      : scheduleFault('rule', error instanceof Error ? error.message : String(error));
  return new ReleaseError('INVALID_INPUT', fault.message, {
    cause: error,
    details: { field: fault.field, remedy: `for example ${fault.example}` },
  });
}
