import { varianceInflation } from '../../../../src/domain/judge/autocorrelation';
import { cleanSeries, type CleanSeries } from '../../../../src/domain/judge/clean-series';
import { dependenceOf } from '../../../../src/domain/judge/dependence';
import { constant, cut, leaking, noise, swinging, type Draw } from '../../../support/judge/draws';
import { seededRandom, type Random } from '../../../support/judge/random';

const ROUNDS = 200;

const draw = (from: Draw, random: Random): CleanSeries =>
  cleanSeries({ startMs: 0, stepMs: 15_000, values: from(random) });

function meanInflation(from: Draw): number {
  const random = seededRandom(7);
  let sum = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    sum += varianceInflation(draw(from, random).samples);
  }
  return sum / ROUNDS;
}

describe('varianceInflation', () => {
  it.each<[string, Draw, number, number]>([
    ['independent samples', noise(), 1, 1.3],
    ['many independent samples', noise({ n: 2_000 }), 1, 1.05],
    ['samples with ρ = 0.6, which are worth a quarter', noise({ rho: 0.6, n: 2_000 }), 3.6, 4.5],
    ['few samples with ρ = 0.6', noise({ rho: 0.6 }), 3.2, 7],
    ['samples with ρ = 0.6 and a gap', cut(noise({ rho: 0.6 }), 20, 30), 3, 8],
    ['a straight leak, which is no noise', leaking(noise({ cv: 0.01 }), 0.5), 1, 1.4],
    ['alternating samples, which get no credit', noise({ rho: -0.6 }), 1, 1.01],
    ['a constant', constant(5), 1, 1],
    ['too few samples to tell', noise({ n: 7 }), 1, 1],
  ])('%s', (_name, from, low, high) => {
    const inflation = meanInflation(from);

    expect(inflation).toBeGreaterThanOrEqual(low);
    expect(inflation).toBeLessThanOrEqual(high);
  });

  it('sees a slow wave under noise, which the first neighbour hides', () => {
    const wave = swinging(noise({ cv: 0.15, n: 200 }), 0.25, 4);

    expect(meanInflation(wave)).toBeGreaterThan(5);
  });
});

describe('dependenceOf', () => {
  it('does not believe two slow wanderers that look alike', () => {
    const random = seededRandom(6);
    const wanderer = noise({ rho: 0.95 });
    let believed = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const { shared } = dependenceOf(draw(wanderer, random), draw(wanderer, random));
      if (shared !== null) believed += 1;
    }

    expect(believed / ROUNDS).toBeLessThan(0.1);
  });

  it('cancels out what both sides do together', () => {
    const both = swinging(noise({ cv: 0.05 }), 0.6, 1);
    const random = seededRandom(3);
    const result = dependenceOf(draw(both, random), draw(both, random));

    expect(result.shared).toBeGreaterThan(0.9);
    expect(result.factor).toBeLessThan(0.3);
  });

  it('takes sides that do not swing together for themselves', () => {
    const random = seededRandom(4);
    const candidate = draw(noise({ rho: 0.6 }), random);
    const stable = draw(noise(), random);
    const result = dependenceOf(candidate, stable);

    expect(result.shared).toBeNull();
    expect(result.factor).toBeCloseTo(
      (varianceInflation(candidate.samples) + varianceInflation(stable.samples)) / 2,
      12,
    );
  });

  it('weighs sides of different length by what they add to the variance', () => {
    const random = seededRandom(5);
    const candidate = draw(noise({ rho: 0.9, n: 1_000 }), random);
    const stable = draw(noise({ n: 20 }), random);
    const own = varianceInflation(candidate.samples);
    const other = varianceInflation(stable.samples);
    const { factor, df } = dependenceOf(candidate, stable);

    expect(own).toBeGreaterThan(10);
    expect(factor).toBeCloseTo((own / 1_000 + other / 20) / (1 / 1_000 + 1 / 20), 9);
    expect(df).toBeCloseTo(1_000 / own + 20 / other - 2, 9);
  });
});
