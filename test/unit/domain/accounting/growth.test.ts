import fc from 'fast-check';
import { growthOf, judgeGoal, type DayTotal } from '../../../../src/domain/accounting/growth';

const DAY_MS = 86_400_000;
const TODAY = Date.parse('2026-11-30');

/** So many days ago. */
function ago(days: number, storageBytes: number): DayTotal {
  return { day: new Date(TODAY - days * DAY_MS).toISOString().slice(0, 10), storageBytes };
}

describe('growth of what is stored', () => {
  it('is the change from samples of just so many days ago', () => {
    const { day, week, month } = growthOf([ago(30, 500), ago(7, 800), ago(1, 900), ago(0, 1000)]);

    expect(day).toMatchObject({ bytes: 100, ratio: 1 / 9 });
    expect(week).toMatchObject({ bytes: 200, from: ago(7, 800) });
    expect(month).toMatchObject({ bytes: 500, ratio: 1 });
  });

  it.each([
    ['a day without a sample', [ago(2, 1), ago(0, 1)], { day: null, week: null, month: null }],
    ['nothing but today', [ago(0, 1)], { day: null, week: null, month: null }],
    ['no sample at all', [], { day: null, week: null, month: null }],
    ['a month and four days', [ago(34, 1), ago(0, 1)], { month: null }],
  ])('is not known of %s', (_name, samples, growth) => {
    expect(growthOf(samples)).toMatchObject(growth);
  });

  it('is taken over a few days more where the sample of a month ago is missing', () => {
    expect(growthOf([ago(40, 9), ago(33, 10), ago(29, 7), ago(0, 5)]).month).toMatchObject({
      ...{ from: ago(33, 10), bytes: -5, ratio: -0.5 },
    });
  });
});

describe('the monthly goal', () => {
  const judge = (then: number, now: number) =>
    judgeGoal(growthOf([ago(30, then), ago(0, now)]), -0.2);

  it('is met by a fifth less, and shows how that was reckoned', () => {
    expect(judge(10e9, 8e9)).toEqual({
      state: 'met',
      ratio: -0.2,
      arithmetic:
        '8.000 GB on 2026-11-30, 10.000 GB on 2026-10-31: ' +
        '(8.000 - 10.000) / 10.000 = -20.0 %, wanted -20.0 % or less.',
    });
  });

  it('is missed by less than that', () => {
    expect(judge(10e9, 8.1e9).state).toBe('missed');
  });

  it('is not judged without a month of history', () => {
    expect(judgeGoal(growthOf([ago(0, 5)]), -0.2)).toMatchObject({
      state: 'not-enough-history',
      arithmetic: expect.stringContaining('no sample that old') as string,
    });
    expect(judge(0, 5).arithmetic).toContain('nothing was stored then');
  });

  it('is judged by the ratio alone, whatever the size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e15 }), fc.integer({ min: 0, max: 1e15 }), (a, b) => {
        expect(judge(a, b).state).toBe((b - a) / a <= -0.2 ? 'met' : 'missed');
      }),
    );
  });
});
