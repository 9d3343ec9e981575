import { judgeSamples } from '../../../../src/domain/judge/judge-samples';
import { noise, times } from '../../../support/judge/draws';
import { seededRandom } from '../../../support/judge/random';
import { drawWindow } from '../../../support/judge/windows';

const WINDOWS = 600;

interface Difference {
  readonly factor?: number;
  readonly rho?: number;
  readonly errorRatio?: number;
}

/** As `npm run bench judge`, over fewer windows. */
function failRate({ factor = 1, rho = 0, errorRatio = 0.001 }: Difference): number {
  const random = seededRandom(31);
  const latency = noise({ rho });
  const window = {
    candidate: { errorRatio, series: { latency: times(latency, factor) } },
    stable: { series: { latency } },
  };
  const answers = Array.from({ length: WINDOWS }, () => judgeSamples(drawWindow(window, random)));
  return answers.filter(({ outcome }) => outcome === 'fail').length / WINDOWS;
}

describe('judgeSamples, over many windows', () => {
  it.each<[string, Difference, number]>([
    ['20 % more latency', { factor: 1.2 }, 0.99],
    ['10 % more latency', { factor: 1.1 }, 0.65],
    ['1 % errors against 0.1 %', { errorRatio: 0.01 }, 0.99],
  ])('detects %s', (_name, difference, least) => {
    expect(failRate(difference)).toBeGreaterThanOrEqual(least);
  });

  it.each<[string, Difference, number]>([
    ['independent samples', {}, 0.01],
    ['samples with ρ = 0.3', { rho: 0.3 }, 0.02],
    ['samples with ρ = 0.6', { rho: 0.6 }, 0.02],
  ])('leaves equal versions alone: %s', (_name, difference, most) => {
    expect(failRate(difference)).toBeLessThanOrEqual(most);
  });
});
