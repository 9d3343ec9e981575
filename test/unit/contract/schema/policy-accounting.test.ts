import { AccountingFile } from '../../../../src/contract/schema/policy-accounting';

const KEEP = { events: '90d', tagMoves: '400d', samples: '400d' };

it('reads prices and ages', () => {
  const file = {
    monthlyGoal: -0.2,
    prices: { currency: 'EUR', perGbMonth: { registry: 0.023 } },
    keep: KEEP,
  };

  expect(AccountingFile.parse(file)).toEqual({
    monthlyGoal: -0.2,
    prices: file.prices,
    keep: { eventsMs: 7_776_000_000, tagMovesMs: 34_560_000_000, samplesMs: 34_560_000_000 },
  });
  expect(AccountingFile.parse({ monthlyGoal: 0, keep: KEEP })).toMatchObject({ prices: null });
});

it.each([
  ['a goal to grow', { monthlyGoal: 0.1, keep: KEEP }],
  ['events that go while metrics count them', { monthlyGoal: 0, keep: { ...KEEP, events: '29d' } }],
  ['a currency in words', { monthlyGoal: 0, keep: KEEP, prices: { currency: 'euro' } }],
])('refuses %s', (_name, file) => {
  expect(AccountingFile.safeParse(file).success).toBe(false);
});
