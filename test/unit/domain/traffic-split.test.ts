import fc from 'fast-check';
import { takesCandidate } from '../../../src/domain/traffic-split';

function candidates(from: number, count: number, percent: number, seed: number): number[] {
  const sequence = Array.from({ length: count }, (_, n) => from + n);
  return sequence.filter((n) => takesCandidate(n, percent, seed));
}

describe('takesCandidate', () => {
  it('gives the candidate exactly its share of every hundred requests', () => {
    const percent = fc.integer({ min: 0, max: 100 });
    const block = fc.integer({ min: 0, max: 1_000_000 });

    fc.assert(
      fc.property(percent, block, fc.integer(), (share, number, seed) => {
        expect(candidates(number * 100, 100, share, seed)).toHaveLength(share);
      }),
    );
  });

  it('does not follow a rhythm in the traffic', () => {
    const hits = new Map<number, number>();

    for (const n of candidates(0, 100_000, 5, 7)) {
      hits.set(n % 20, (hits.get(n % 20) ?? 0) + 1);
    }

    expect(hits.size).toBe(20);
    expect(Math.max(...hits.values())).toBeLessThan(500);
  });

  it('splits alike for the same seed', () => {
    expect(candidates(0, 500, 25, 3)).toEqual(candidates(0, 500, 25, 3));
    expect(candidates(0, 500, 25, 3)).not.toEqual(candidates(0, 500, 25, 4));
  });
});
