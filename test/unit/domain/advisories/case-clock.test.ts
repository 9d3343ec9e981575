import fc from 'fast-check';
import {
  dueAlarm,
  extendedDue,
  isOverdue,
  nextAlarmMs,
} from '../../../../src/domain/advisories/case-clock';

const HOUR = 3_600_000;
const OPENED = Date.parse('2026-03-01T00:00:00.000Z');

function clockOf(hours: number): { readonly openedAt: string; readonly dueAt: string } {
  const dueAt = new Date(OPENED + hours * HOUR).toISOString();
  return { openedAt: new Date(OPENED).toISOString(), dueAt };
}

describe('the clock of a case', () => {
  it.each([
    ['nothing at its start', 72, 0, null],
    ['nothing before its half', 72, 35.9, null],
    ['its half', 72, 36, 'half'],
    ['its half until the last hours', 72, 67.9, 'half'],
    ['the last four hours', 72, 68, 'soon'],
    ['that it is overdue', 72, 72, 'overdue'],
    ['only the last of what was missed', 24, 200, 'overdue'],
    ['no last hours where they would begin before the half', 6, 5, 'half'],
  ])('tells %s', (_name, hours, atHour, expected) => {
    const alarm = dueAlarm(clockOf(hours), OPENED + atHour * HOUR, []);

    expect(alarm?.kind ?? null).toBe(expected);
  });

  it('tells each alarm once, and what is overdue again every day', () => {
    const clock = clockOf(24);
    const told: string[] = [];
    const kinds: string[] = [];
    for (let hour = 0; hour <= 24 * 4; hour += 1) {
      const alarm = dueAlarm(clock, OPENED + hour * HOUR, told);
      if (alarm) {
        told.push(alarm.key);
        kinds.push(`${alarm.kind} ${hour}`);
      }
    }

    expect(kinds).toEqual([
      'half 12',
      'soon 20',
      'overdue 24',
      'overdue 48',
      'overdue 72',
      'overdue 96',
    ]);
  });

  it('begins anew when it is extended', () => {
    const clock = clockOf(24);
    const extended = { ...clock, dueAt: extendedDue(clock, 12 * HOUR) };
    const first = dueAlarm(clock, OPENED + 21 * HOUR, []);

    expect(extended.dueAt).toBe('2026-03-02T12:00:00.000Z');
    expect(dueAlarm(extended, OPENED + 21 * HOUR, [first?.key ?? ''])?.kind).toBe('half');
    expect(isOverdue(clock, OPENED + 25 * HOUR)).toBe(true);
    expect(isOverdue(extended, OPENED + 25 * HOUR)).toBe(false);
  });

  it('is overdue when it can not be read', () => {
    expect(isOverdue({ dueAt: 'soon' }, OPENED)).toBe(true);
  });

  it('never lets an alarm be slept through, whatever the clock', () => {
    const hours = fc.double({ min: 0.01, max: 96, noNaN: true });
    fc.assert(
      fc.property(hours, hours, (length, at) => {
        const clock = clockOf(length);
        const nowMs = OPENED + at * HOUR;
        const before = dueAlarm(clock, nowMs, []);
        const next = nextAlarmMs(clock, nowMs);

        expect(next).toBeGreaterThan(nowMs);
        expect(dueAlarm(clock, Math.ceil(next), [])?.key).not.toBe(before?.key);
        const halfway = nowMs + (next - nowMs) / 2;
        expect(dueAlarm(clock, halfway, [])?.key).toBe(before?.key);
      }),
    );
  });
});
