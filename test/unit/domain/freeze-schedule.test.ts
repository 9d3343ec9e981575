import { formatFreezeDuration, parseFreezeDuration } from '../../../src/domain/freeze-duration';
import { ScheduleFault } from '../../../src/domain/freeze-fault';
import { parseFreezeRule } from '../../../src/domain/freeze-rule';
import {
  describeSchedule,
  readSchedule,
  type ScheduleInput,
} from '../../../src/domain/freeze-schedule';

const WEEKLY = {
  rule: 'FREQ=WEEKLY;BYDAY=FR',
  start: '2026-01-02T18:00',
  duration: '62h',
  timeZone: 'Europe/Berlin',
} as const satisfies ScheduleInput;

function faultOf(work: () => unknown): ScheduleFault {
  try {
    work();
  } catch (error) {
    if (error instanceof ScheduleFault) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('readSchedule', () => {
  it('reads a rule as people write it', () => {
    const except = ['2026-04-03', '2026-12-25T18:00'];

    expect(readSchedule({ ...WEEKLY, rule: 'RRULE:freq=weekly;byday=fr;', except })).toEqual({
      kind: 'recurring',
      rule: 'FREQ=WEEKLY;BYDAY=FR',
      start: '2026-01-02T18:00:00',
      timeZone: 'Europe/Berlin',
      duration: 'PT62H',
      except: ['2026-04-03', '2026-12-25T18:00:00'],
    });
  });

  it('reads a day as its midnight', () => {
    expect(readSchedule({ ...WEEKLY, start: '2026-01-02' })).toMatchObject({
      start: '2026-01-02T00:00:00',
    });
  });

  it('reads times with offsets as UTC', () => {
    const input = { from: '2026-12-20T18:00:00+01:00', to: '2027-01-04T08:00Z' };

    expect(readSchedule(input)).toEqual({
      kind: 'once',
      from: '2026-12-20T17:00:00.000Z',
      to: '2027-01-04T08:00:00.000Z',
      timeZone: null,
    });
  });

  it('keeps times without offset with their time zone', () => {
    const input = { from: '2026-12-20', to: '2027-01-04T08:00', timeZone: 'Europe/Berlin' };

    expect(readSchedule(input)).toEqual({
      kind: 'once',
      from: '2026-12-20T00:00:00',
      to: '2027-01-04T08:00:00',
      timeZone: 'Europe/Berlin',
    });
  });

  it.each<[ScheduleInput, string, string]>([
    [{}, 'rule', 'neither a rule nor from and to'],
    [{ ...WEEKLY, rule: '' }, 'rule', 'rule is missing'],
    [{ rule: WEEKLY.rule }, 'start', 'start is missing'],
    [{ ...WEEKLY, start: 'Friday' }, 'start', '"Friday" is not a day or a time'],
    [{ ...WEEKLY, start: '2026-02-30' }, 'start', 'is not a day'],
    [{ ...WEEKLY, start: '2026-01-02T18:00Z' }, 'start', 'without offset'],
    [{ ...WEEKLY, duration: undefined }, 'duration', 'duration is missing'],
    [{ ...WEEKLY, duration: '3 days' }, 'duration', '"3 days" is not a duration'],
    [{ ...WEEKLY, timeZone: ' ' }, 'timeZone', 'timeZone is missing'],
    [{ ...WEEKLY, except: ['2026-04-03', 'easter'] }, 'except', '"easter" is not a day'],
    [{ ...WEEKLY, to: '2026-04-03' }, 'to', 'to has no place beside a rule'],
    [{ from: '2026-12-20T18:00Z' }, 'to', 'to is missing'],
    [{ from: '2026-12-20T18:00', to: '2026-12-21' }, 'from', 'there is no time zone'],
    [
      { from: '2026-12-20T18:00Z', to: '2026-12-21', timeZone: 'UTC' },
      'from',
      'has an offset, and the other has none',
    ],
    [{ from: 'now', to: '2026-12-21', timeZone: 'UTC' }, 'from', '"now" is not a time'],
    [
      { from: '2026-12-20T18:00Z', to: '2026-12-21T18:00Z', duration: '1h' },
      'duration',
      'duration has no place beside from and to',
    ],
  ])('refuses %j by its field, with an example', (input, field, message) => {
    const fault = faultOf(() => readSchedule(input));

    expect(fault.field).toBe(field);
    expect(fault.message).toContain(message);
    expect(fault.example).not.toBe('');
  });

  it('refuses more exceptions than it reads', () => {
    const except = Array.from({ length: 201 }, () => '2026-04-03');

    expect(faultOf(() => readSchedule({ ...WEEKLY, except })).field).toBe('except');
  });
});

describe('parseFreezeRule', () => {
  it.each([
    'FREQ=DAILY',
    'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;WKST=SU',
    'FREQ=MONTHLY;BYDAY=-1FR,+2MO',
    'FREQ=MONTHLY;BYMONTHDAY=-1,15',
    'FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=20',
    'FREQ=YEARLY;BYWEEKNO=-1,1;BYDAY=MO',
    'FREQ=YEARLY;BYYEARDAY=-366',
    'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
    'FREQ=DAILY;COUNT=10;BYHOUR=8,20;BYMINUTE=30',
    'FREQ=WEEKLY;UNTIL=20271231T230000Z',
  ])('takes %s', (rule) => {
    expect(parseFreezeRule(rule)).toBe(rule);
  });

  it.each([
    ['', '"" is no part'],
    ['every friday', 'is no part'],
    ['FREQ', 'FREQ is "", expected YEARLY, MONTHLY, WEEKLY or DAILY'],
    ['BYDAY=FR', 'FREQ is missing'],
    ['FREQ=HOURLY', 'FREQ is "HOURLY", expected YEARLY'],
    ['FREQ=DAILY;BYSECOND=1', '"BYSECOND" is no part'],
    ['FREQ=DAILY;CONSTRUCTOR=1', '"CONSTRUCTOR" is no part'],
    ['FREQ=DAILY;FREQ=WEEKLY', 'FREQ is there twice'],
    ['FREQ=DAILY;INTERVAL=0', 'INTERVAL is "0"'],
    ['FREQ=WEEKLY;BYDAY=FRI', 'BYDAY is "FRI", expected weekdays'],
    ['FREQ=WEEKLY;BYDAY=1FR', 'a number before a weekday needs'],
    ['FREQ=YEARLY;BYWEEKNO=3;BYDAY=1FR', 'no meaning with BYWEEKNO'],
    ['FREQ=MONTHLY;BYMONTHDAY=0', 'BYMONTHDAY is "0"'],
    ['FREQ=MONTHLY;BYMONTHDAY=32', 'BYMONTHDAY is "32"'],
    ['FREQ=WEEKLY;BYMONTHDAY=1', 'BYMONTHDAY has no meaning with FREQ=WEEKLY'],
    ['FREQ=MONTHLY;BYWEEKNO=1', 'BYWEEKNO needs FREQ=YEARLY'],
    ['FREQ=MONTHLY;BYYEARDAY=1', 'BYYEARDAY needs FREQ=YEARLY'],
    ['FREQ=MONTHLY;BYSETPOS=1', 'BYSETPOS needs another BY part'],
    ['FREQ=DAILY;COUNT=2;UNTIL=20271231T230000Z', 'COUNT and UNTIL exclude each other'],
    ['FREQ=DAILY;UNTIL=20271231', 'UNTIL is "20271231", expected a time in UTC'],
    ['FREQ=DAILY;UNTIL=20271331T000000Z', 'expected a time in UTC'],
    ['FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=0,30', 'more than 4 times a day'],
    ['FREQ=DAILY\nRRULE:FREQ=YEARLY', 'expected YEARLY'],
    [`FREQ=DAILY;BYMONTH=${Array.from({ length: 150 }, () => '1').join(',')}`, 'longer than'],
  ])('refuses %j', (rule, message) => {
    const fault = faultOf(() => parseFreezeRule(rule));

    expect(fault.field).toBe('rule');
    expect(fault.message).toContain(message);
    expect(fault.example).toContain('FREQ=WEEKLY;BYDAY=FR');
  });
});

describe('parseFreezeDuration', () => {
  it.each([
    ['PT62H', 'PT62H'],
    ['62h', 'PT62H'],
    ['P2D', 'P2D'],
    ['p1w', 'P7D'],
    ['2d14h', 'P2DT14H'],
    ['P2DT14H30M15S', 'P2DT14H30M15S'],
    ['90m', 'PT1H30M'],
    ['PT60S', 'PT1M'],
  ])('takes %s', (text, standard) => {
    expect(formatFreezeDuration(parseFreezeDuration(text))).toBe(standard);
  });

  it.each(['', 'P', 'PT', 'P1DT', '1', '-P1D', 'P1W1D', '1h1d', 'PT59S', 'P93D', '1.5h', '0h'])(
    'refuses %j',
    (text) => {
      expect(faultOf(() => parseFreezeDuration(text)).field).toBe('duration');
    },
  );
});

describe('describeSchedule', () => {
  it.each<[ScheduleInput, string]>([
    [
      { ...WEEKLY, except: ['2026-04-03'] },
      'FREQ=WEEKLY;BYDAY=FR from 2026-01-02T18:00:00 Europe/Berlin for PT62H except 2026-04-03',
    ],
    [
      { from: '2026-12-20', to: '2027-01-04', timeZone: 'Europe/Berlin' },
      '2026-12-20T00:00:00 to 2027-01-04T00:00:00 Europe/Berlin',
    ],
    [
      { from: '2026-12-20T18:00Z', to: '2027-01-04T08:00Z' },
      '2026-12-20T18:00:00.000Z to 2027-01-04T08:00:00.000Z',
    ],
  ])('says %j on one line', (input, line) => {
    expect(describeSchedule(readSchedule(input))).toBe(line);
  });
});
