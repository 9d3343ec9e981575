import { createRruleCalendar } from '../../../../src/adapters/calendar/rrule-calendar';
import type { FreezeSchedule } from '../../../../src/domain/freeze-schedule';
import {
  describeFreezeCalendar,
  expandText,
  FRIDAYS,
  refusalOf,
} from '../../../support/contracts/freeze-calendar';

const calendar = createRruleCalendar();

describeFreezeCalendar('RFC 5545', calendar);

const BERLIN = { ...FRIDAYS, timeZone: 'Europe/Berlin' } as const;

/** Clocks in Berlin go forward on 2026-03-29 at 02:00 and back on 2026-10-25 at 03:00. */
describe('a rule by the clocks of Berlin', () => {
  it('begins at the same time of day before and after the clocks change', () => {
    expect(expandText(calendar, BERLIN, '2026-03-19', '2026-04-04')).toEqual([
      '2026-03-20T17:00 2026-03-23T07:00',
      '2026-03-27T17:00 2026-03-30T07:00',
      '2026-04-03T16:00 2026-04-06T06:00',
    ]);
  });

  it('ends days later at the same time of day, and hours later after so many hours', () => {
    const days = { ...BERLIN, duration: 'P2DT14H' };

    expect(expandText(calendar, days, '2026-03-27', '2026-03-28')).toEqual([
      '2026-03-27T17:00 2026-03-30T06:00',
    ]);
    expect(expandText(calendar, days, '2026-10-23', '2026-10-24')).toEqual([
      '2026-10-23T16:00 2026-10-26T07:00',
    ]);
    expect(expandText(calendar, BERLIN, '2026-10-23', '2026-10-24')).toEqual([
      '2026-10-23T16:00 2026-10-26T06:00',
    ]);
  });

  it('leaves out a begin that does not exist, and shifts none after it', () => {
    const nightly = {
      ...BERLIN,
      rule: 'FREQ=DAILY',
      start: '2026-03-01T02:30:00',
      duration: 'PT1H',
    };

    expect(expandText(calendar, nightly, '2026-03-28', '2026-03-31')).toEqual([
      '2026-03-28T01:30 2026-03-28T02:30',
      '2026-03-30T00:30 2026-03-30T01:30',
    ]);
  });

  it('does not count a begin that does not exist', () => {
    const three = {
      ...BERLIN,
      rule: 'FREQ=DAILY;COUNT=3',
      start: '2026-03-28T02:30:00',
      duration: 'PT1H',
    };

    expect(expandText(calendar, three, '2026-03-01', '2026-05-01')).toEqual([
      '2026-03-28T01:30 2026-03-28T02:30',
      '2026-03-30T00:30 2026-03-30T01:30',
      '2026-03-31T00:30 2026-03-31T01:30',
    ]);
  });

  it('begins once where the clocks show a time twice, the first time', () => {
    const nightly = {
      ...BERLIN,
      rule: 'FREQ=DAILY',
      start: '2026-10-01T02:30:00',
      duration: 'PT1H',
    };

    expect(expandText(calendar, nightly, '2026-10-24T12:00Z', '2026-10-26T12:00Z')).toEqual([
      '2026-10-25T00:30 2026-10-25T01:30',
      '2026-10-26T01:30 2026-10-26T02:30',
    ]);
  });

  it('reads exceptions by the same clocks', () => {
    const except = ['2026-03-27', '2026-04-03T18:00:00'];

    expect(expandText(calendar, { ...BERLIN, except }, '2026-03-26', '2026-04-05')).toEqual([]);
  });

  it('reads the times of a single stretch by them too', () => {
    const once: FreezeSchedule = {
      kind: 'once',
      from: '2026-03-29T01:30:00',
      to: '2026-03-29T03:30:00',
      timeZone: 'Europe/Berlin',
    };

    expect(expandText(calendar, once, '2026-01-01', '2027-01-01')).toEqual([
      '2026-03-29T00:30 2026-03-29T01:30',
    ]);
  });
});

describe('a calendar that remembers', () => {
  it('tells times of one day apart, and schedules', () => {
    const at = (schedule: FreezeSchedule, from: string): number =>
      expandText(calendar, schedule, from, '2026-01-06T00:00Z').length;

    expect(at(FRIDAYS, '2026-01-05T07:59Z')).toBe(1);
    expect(at(FRIDAYS, '2026-01-05T08:01Z')).toBe(0);
    expect(at({ ...FRIDAYS, duration: 'PT63H' }, '2026-01-05T08:01Z')).toBe(1);
    expect(at(FRIDAYS, '2026-01-05T07:58Z')).toBe(1);
  });
});

describe('a rule of RFC 5545', () => {
  it.each<[string, string, string, readonly string[]]>([
    [
      'the last Friday of a month',
      'FREQ=MONTHLY;BYDAY=-1FR',
      '2026-01-30',
      ['2026-01-30', '2026-02-27', '2026-03-27'],
    ],
    [
      'the 31st, in months that have one',
      'FREQ=MONTHLY;BYMONTHDAY=31',
      '2026-01-01',
      ['2026-01-31', '2026-03-31', '2026-05-31'],
    ],
    ['a leap day', 'FREQ=YEARLY', '2024-02-29', ['2028-02-29', '2032-02-29', '2036-02-29']],
    [
      'the last working day of a month',
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
      '2026-01-01',
      ['2026-01-30', '2026-02-27', '2026-03-31'],
    ],
    [
      'every second week from its start',
      'FREQ=WEEKLY;INTERVAL=2',
      '2026-01-05',
      ['2026-01-05', '2026-01-19', '2026-02-02'],
    ],
    [
      'until the end of UNTIL',
      'FREQ=WEEKLY;UNTIL=20260119T000000Z',
      '2026-01-05',
      ['2026-01-05', '2026-01-12', '2026-01-19'],
    ],
    ['so often as COUNT says', 'FREQ=DAILY;COUNT=2', '2026-01-05', ['2026-01-05', '2026-01-06']],
  ])('knows %s', (_name, rule, day, expected) => {
    const schedule = { ...FRIDAYS, rule, start: `${day}T00:00:00`, duration: 'PT1H' };

    const days = expandText(calendar, schedule, '2026-01-01', '2037-01-01')
      .slice(0, 3)
      .map((line) => line.slice(0, 10));

    expect(days).toEqual(expected);
  });

  it('that counts from years ago is followed to today', () => {
    const old = { ...FRIDAYS, rule: 'FREQ=DAILY;INTERVAL=7', start: '2001-01-05T18:00:00' };

    expect(expandText(calendar, old, '2026-01-06', '2026-01-12')).toEqual([
      '2026-01-09T18:00 2026-01-12T08:00',
    ]);
  });

  it('that never comes true says nothing', () => {
    const never = { ...FRIDAYS, rule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' };

    expect(expandText(calendar, never, '2026-01-01', '2036-01-01')).toEqual([]);
  });

  it.each(['+02:00', 'CEST-2', 'Europe/Berlin\nRRULE:FREQ=DAILY', ''])(
    'has no time zone %j',
    (timeZone) => {
      expect(refusalOf(calendar, { ...FRIDAYS, timeZone })).toEqual({
        code: 'INVALID_INPUT',
        field: 'timeZone',
      });
    },
  );
});
