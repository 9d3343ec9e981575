import { ReleaseError } from '../../../src/contract/errors';
import type { FreezeSchedule } from '../../../src/domain/freeze-schedule';
import type { FreezeCalendar } from '../../../src/ports/freezes';

export const FRIDAYS = {
  kind: 'recurring',
  rule: 'FREQ=WEEKLY;BYDAY=FR',
  start: '2026-01-02T18:00:00',
  timeZone: 'UTC',
  duration: 'PT62H',
  except: [],
} as const satisfies FreezeSchedule;

/** `from to`, for a range that is written as people do. */
export function expandText(
  calendar: FreezeCalendar,
  schedule: FreezeSchedule,
  from: string,
  to: string,
): readonly string[] {
  return calendar
    .expand(schedule, Date.parse(from), Date.parse(to))
    .map(({ fromMs, toMs }) =>
      [fromMs, toMs].map((ms) => new Date(ms).toISOString().slice(0, 16)).join(' '),
    );
}

/** The details of the refusal; fails when there is none. */
export function refusalOf(calendar: FreezeCalendar, schedule: FreezeSchedule): unknown {
  try {
    calendar.expand(schedule, 0, 1);
  } catch (error) {
    if (error instanceof ReleaseError) return { code: error.code, field: error.details['field'] };
    throw error;
  }
  throw new Error('it was not refused');
}

/** What every calendar must do; `calendar` may know UTC only. */
export function describeFreezeCalendar(name: string, calendar: FreezeCalendar): void {
  describe(`freeze calendar contract: ${name}`, () => {
    it('follows a weekly rule from its start on', () => {
      expect(expandText(calendar, FRIDAYS, '2025-12-01', '2026-01-17')).toEqual([
        '2026-01-02T18:00 2026-01-05T08:00',
        '2026-01-09T18:00 2026-01-12T08:00',
        '2026-01-16T18:00 2026-01-19T08:00',
      ]);
    });

    it.each([
      ['holds what began before the range and is not over', '2026-01-05T07:59Z', 1],
      ['leaves out what is over as the range begins', '2026-01-05T08:00Z', 0],
    ])('%s', (_name, from, count) => {
      expect(expandText(calendar, FRIDAYS, from, '2026-01-09T18:00Z')).toHaveLength(count);
    });

    it('leaves out the exceptions, by day and by begin', () => {
      const except = ['2026-01-09', '2026-01-16T18:00:00', '2026-01-23T17:00:00'];

      expect(expandText(calendar, { ...FRIDAYS, except }, '2026-01-06', '2026-01-27')).toEqual([
        '2026-01-23T18:00 2026-01-26T08:00',
      ]);
    });

    it('holds each of those that overlap', () => {
      const daily = { ...FRIDAYS, rule: 'FREQ=DAILY', duration: 'P3D' };

      expect(expandText(calendar, daily, '2026-02-01T17:00Z', '2026-02-01T17:01Z')).toEqual([
        '2026-01-29T18:00 2026-02-01T18:00',
        '2026-01-30T18:00 2026-02-02T18:00',
        '2026-01-31T18:00 2026-02-03T18:00',
      ]);
    });

    it('knows a stretch that comes once', () => {
      const once: FreezeSchedule = {
        kind: 'once',
        from: '2026-12-20T17:00:00.000Z',
        to: '2027-01-04T07:00:00.000Z',
        timeZone: null,
      };

      expect(expandText(calendar, once, '2027-01-04T06:59Z', '2028-01-01')).toEqual([
        '2026-12-20T17:00 2027-01-04T07:00',
      ]);
      expect(expandText(calendar, once, '2027-01-04T07:00Z', '2028-01-01')).toEqual([]);
    });

    it.each<[string, FreezeSchedule]>([
      ['timeZone', { ...FRIDAYS, timeZone: 'Mars/Olympus' }],
      ['rule', { ...FRIDAYS, rule: 'FREQ=NEVER' }],
      [
        'to',
        { kind: 'once', from: '2026-01-02T00:00:00', to: '2026-01-02T00:00:00', timeZone: 'UTC' },
      ],
    ])('refuses a wrong %s', (field, schedule) => {
      expect(refusalOf(calendar, schedule)).toEqual({ code: 'INVALID_INPUT', field });
    });
  });
}
