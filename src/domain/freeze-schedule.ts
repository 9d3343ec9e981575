import { formatFreezeDuration, parseFreezeDuration } from './freeze-duration';
import { ScheduleFault, type ScheduleField } from './freeze-fault';
import { parseFreezeRule } from './freeze-rule';
import { parseInstant, parseLocalDate, parseLocalTime } from './freeze-time';

/** From one time to another. With a time zone they are times on its walls, without one UTC times of RFC 3339. */
export interface OnceSchedule {
  readonly kind: 'once';
  readonly from: string;
  readonly to: string;
  readonly timeZone: string | null;
}

/** Again and again, by the clocks of a time zone. */
export interface RecurringSchedule {
  readonly kind: 'recurring';
  /** RFC 5545 RRULE value. */
  readonly rule: string;
  /** DTSTART, `2026-01-02T18:00:00`: the time of day, and the day from which the rule counts. */
  readonly start: string;
  /** IANA name. */
  readonly timeZone: string;
  /** RFC 5545 dur-value. */
  readonly duration: string;
  /** EXDATE: begins that are left out, `2026-01-09T18:00:00`, or all of a day, `2026-01-09`. */
  readonly except: readonly string[];
}

export type FreezeSchedule = OnceSchedule | RecurringSchedule;

/** As people give it: either `from` and `to`, or `rule`, `start`, `duration` and `timeZone`. */
export type ScheduleInput = {
  readonly [Field in Exclude<ScheduleField, 'except'>]?: string | undefined;
} & { readonly except?: readonly string[] | undefined };

const MAX_EXCEPT = 200;

const EXAMPLES = {
  from: '2026-12-20T18:00 with a time zone, or 2026-12-20T18:00:00+01:00',
  to: '2027-01-04T08:00 with a time zone, or 2027-01-04T08:00:00+01:00',
  rule: 'FREQ=WEEKLY;BYDAY=FR',
  start: '2026-01-02T18:00, as the clocks of the time zone show it',
  duration: 'PT62H or 62h',
  timeZone: 'Europe/Berlin',
  except: '2026-04-03, or 2026-04-03T18:00',
} as const satisfies Record<ScheduleField, string>;

/** With the example of a right one. */
export function scheduleFault(field: ScheduleField, message: string): ScheduleFault {
  return new ScheduleFault(field, message, EXAMPLES[field]);
}

function given(input: ScheduleInput, field: Exclude<ScheduleField, 'except'>): string {
  const text = input[field]?.trim();
  if (text) return text;
  throw scheduleFault(field, `${field} is missing`);
}

function refuseOthers(input: ScheduleInput, fields: readonly ScheduleField[], why: string): void {
  const [extra] = fields.filter((field) => (input[field]?.length ?? 0) > 0);
  if (extra !== undefined) throw scheduleFault(extra, `${extra} has no place ${why}`);
}

function badTime(text: string): string {
  return parseInstant(text) === null ? 'is not a time' : 'has an offset, and the other has none';
}

function readOnce(input: ScheduleInput): OnceSchedule {
  refuseOthers(input, ['rule', 'start', 'duration', 'except'], 'beside from and to');
  const texts = { from: given(input, 'from'), to: given(input, 'to') };
  const from = parseInstant(texts.from);
  const to = parseInstant(texts.to);
  if (from !== null && to !== null) return { kind: 'once', from, to, timeZone: null };
  const timeZone = input.timeZone?.trim();
  const local = (field: 'from' | 'to'): string => {
    const time = parseLocalTime(texts[field]);
    if (time !== null && timeZone) return time;
    const why = time === null ? badTime(texts[field]) : 'has no offset, and there is no time zone';
    throw scheduleFault(field, `"${texts[field]}" ${why}`);
  };
  return { kind: 'once', from: local('from'), to: local('to'), timeZone: timeZone ?? '' };
}

function readExcept(texts: readonly string[]): readonly string[] {
  if (texts.length > MAX_EXCEPT) {
    throw scheduleFault('except', `There are more than ${MAX_EXCEPT} exceptions`);
  }
  return texts.map((text) => {
    const time = parseLocalDate(text) ?? parseLocalTime(text);
    if (time !== null) return time;
    throw scheduleFault('except', `"${text}" is not a day or a time without offset`);
  });
}

function readRecurring(input: ScheduleInput): RecurringSchedule {
  refuseOthers(input, ['from', 'to'], 'beside a rule');
  const rule = parseFreezeRule(given(input, 'rule'));
  const startText = given(input, 'start');
  const start = parseLocalTime(startText);
  if (start === null) {
    throw scheduleFault('start', `"${startText}" is not a day or a time without offset`);
  }
  const duration = formatFreezeDuration(parseFreezeDuration(given(input, 'duration')));
  const timeZone = given(input, 'timeZone');
  return {
    kind: 'recurring',
    rule,
    start,
    timeZone,
    duration,
    except: readExcept(input.except ?? []),
  };
}

/**
 * Reads a schedule as people wrote it. Whether the time zone is known and whether the rule ever comes true is for the calendar.
 *
 * @throws ScheduleFault
 */
export function readSchedule(input: ScheduleInput): FreezeSchedule {
  if (input.rule !== undefined) return readRecurring(input);
  if (input.from !== undefined || input.to !== undefined) return readOnce(input);
  throw scheduleFault('rule', 'It has neither a rule nor from and to');
}

/** One line for people, e.g. `FREQ=WEEKLY;BYDAY=FR from 2026-01-02T18:00:00 Europe/Berlin for PT62H`. */
export function describeSchedule(schedule: FreezeSchedule): string {
  if (schedule.kind === 'once') {
    const zone = schedule.timeZone === null ? '' : ` ${schedule.timeZone}`;
    return `${schedule.from} to ${schedule.to}${zone}`;
  }
  const { rule, start, timeZone, duration, except } = schedule;
  const without = except.length > 0 ? ` except ${except.join(', ')}` : '';
  return `${rule} from ${start} ${timeZone} for ${duration}${without}`;
}
