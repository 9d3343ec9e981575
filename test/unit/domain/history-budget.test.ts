import { isHistoryFull } from '../../../src/domain/history-budget';

describe('isHistoryFull', () => {
  it.each([
    ['a history with room', 39_999, 1_000_000, false],
    ['too many events', 40_000, 0, true],
    ['too many bytes', 100, 40_000_000, true],
  ])('tells %s', (_name, historyLength, historySize, full) => {
    expect(isHistoryFull({ historyLength, historySize })).toBe(full);
  });
});
