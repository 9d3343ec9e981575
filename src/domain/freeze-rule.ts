import { ScheduleFault } from './freeze-fault';

const EXAMPLE = 'FREQ=WEEKLY;BYDAY=FR, or FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=20';
const MAX_LENGTH = 300;
const MAX_VALUES = 100;
const MAX_TIMES_A_DAY = 4;

type Check = (value: string) => boolean;

interface Part {
  readonly check: Check;
  readonly expected: string;
}

function inRange(least: number, most: number): Check {
  return (value) => /^\d{1,4}$/.test(value) && Number(value) >= least && Number(value) <= most;
}

/** 1 counts from the start, -1 from the end. */
function fromEitherEnd(most: number): Check {
  return (value) => /^[+-]?[1-9]\d{0,2}$/.test(value) && Math.abs(Number(value)) <= most;
}

function matching(pattern: RegExp): Check {
  return (value) => pattern.test(value);
}

function listOf(check: Check): Check {
  return (value) => {
    const values = value.split(',');
    return values.length <= MAX_VALUES && values.every(check);
  };
}

/** RFC 5545, 3.3.10. Freezes are days and hours: what begins each hour or second is refused. */
const PARTS: ReadonlyMap<string, Part> = new Map([
  [
    'FREQ',
    {
      check: matching(/^(YEARLY|MONTHLY|WEEKLY|DAILY)$/),
      expected: 'YEARLY, MONTHLY, WEEKLY or DAILY',
    },
  ],
  ['INTERVAL', { check: inRange(1, 366), expected: 'a number from 1 to 366' }],
  ['COUNT', { check: inRange(1, 1000), expected: 'a number from 1 to 1000' }],
  [
    'UNTIL',
    {
      check: matching(
        /^2[01]\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3])[0-5]\d[0-5]\dZ$/,
      ),
      expected: 'a time in UTC such as 20271231T230000Z',
    },
  ],
  ['BYMONTH', { check: listOf(inRange(1, 12)), expected: 'months from 1 to 12' }],
  ['BYWEEKNO', { check: listOf(fromEitherEnd(53)), expected: 'weeks from 1 to 53, or -1 to -53' }],
  ['BYYEARDAY', { check: listOf(fromEitherEnd(366)), expected: 'days from 1 to 366, or negative' }],
  ['BYMONTHDAY', { check: listOf(fromEitherEnd(31)), expected: 'days from 1 to 31, or negative' }],
  [
    'BYDAY',
    {
      check: listOf(matching(/^([+-]?[1-9]\d?)?(MO|TU|WE|TH|FR|SA|SU)$/)),
      expected: 'weekdays such as MO,FR, or -1FR for the last Friday',
    },
  ],
  ['BYHOUR', { check: listOf(inRange(0, 23)), expected: 'hours from 0 to 23' }],
  ['BYMINUTE', { check: listOf(inRange(0, 59)), expected: 'minutes from 0 to 59' }],
  ['BYSETPOS', { check: listOf(fromEitherEnd(366)), expected: 'positions such as 1 or -1' }],
  ['WKST', { check: matching(/^(MO|TU|WE|TH|FR|SA|SU)$/), expected: 'a weekday such as MO' }],
]);

function fault(message: string): ScheduleFault {
  return new ScheduleFault('rule', message, EXAMPLE);
}

function splitRule(rule: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const part of rule.split(';')) {
    const at = part.indexOf('=');
    const name = at < 0 ? part : part.slice(0, at);
    const value = at < 0 ? '' : part.slice(at + 1);
    const known = PARTS.get(name);
    if (!known) throw fault(`"${name}" is no part of a rule that freezes can have`);
    if (parts.has(name)) throw fault(`${name} is there twice`);
    if (!known.check(value)) throw fault(`${name} is "${value}", expected ${known.expected}`);
    parts.set(name, value);
  }
  return parts;
}

function countOf(parts: ReadonlyMap<string, string>, name: string): number {
  return parts.get(name)?.split(',').length ?? 1;
}

/** What RFC 5545 lets nobody combine, and what would begin too often. */
function findConflict(parts: ReadonlyMap<string, string>): string | null {
  const has = (name: string): boolean => parts.has(name);
  const freq = parts.get('FREQ');
  const numbered = /\d/.test(parts.get('BYDAY') ?? '');
  const selects = [...parts.keys()].some((name) => name.startsWith('BY') && name !== 'BYSETPOS');
  const conflicts: readonly (readonly [boolean, string])[] = [
    [freq === undefined, 'FREQ is missing'],
    [has('COUNT') && has('UNTIL'), 'COUNT and UNTIL exclude each other'],
    [has('BYWEEKNO') && freq !== 'YEARLY', 'BYWEEKNO needs FREQ=YEARLY'],
    [has('BYYEARDAY') && freq !== 'YEARLY', 'BYYEARDAY needs FREQ=YEARLY'],
    [has('BYMONTHDAY') && freq === 'WEEKLY', 'BYMONTHDAY has no meaning with FREQ=WEEKLY'],
    [
      numbered && freq !== 'MONTHLY' && freq !== 'YEARLY',
      'a number before a weekday needs FREQ=MONTHLY or YEARLY',
    ],
    [numbered && has('BYWEEKNO'), 'a number before a weekday has no meaning with BYWEEKNO'],
    [has('BYSETPOS') && !selects, 'BYSETPOS needs another BY part to choose from'],
    [
      countOf(parts, 'BYHOUR') * countOf(parts, 'BYMINUTE') > MAX_TIMES_A_DAY,
      `BYHOUR and BYMINUTE together begin more than ${MAX_TIMES_A_DAY} times a day`,
    ],
  ];
  return conflicts.find(([holds]) => holds)?.[1] ?? null;
}

/**
 * A recurrence rule of RFC 5545, with or without `RRULE:` before it; the value alone, in capitals, after reading.
 *
 * @throws ScheduleFault
 */
export function parseFreezeRule(text: string): string {
  const rule = text
    .trim()
    .toUpperCase()
    .replace(/^RRULE:/, '')
    .replace(/;$/, '');
  if (rule.length > MAX_LENGTH) throw fault(`It is longer than ${MAX_LENGTH} characters`);
  const conflict = findConflict(splitRule(rule));
  if (conflict !== null) throw fault(conflict);
  return rule;
}
