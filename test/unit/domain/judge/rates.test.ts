import { judgeSamples } from '../../../../src/domain/judge/judge-samples';
import type { TrackSamples, WindowInput } from '../../../../src/domain/judge/window-input';
import type { JudgePlan } from '../../../../src/domain/plan';
import { P95_LATENCY } from '../../../../src/domain/plan-defaults';
import { rangeMsOf } from '../../../../src/domain/plan-query';
import { noise, overlapping, times, type Draw } from '../../../support/judge/draws';
import { seededRandom } from '../../../support/judge/random';
import { drawWindow, LATENCY, STEP_MS, type SimulatedWindow } from '../../../support/judge/windows';

const WINDOWS = 600;

interface Difference {
  readonly factor?: number;
  readonly rho?: number;
  readonly errorRatio?: number;
}

/** As `npm run bench judge`, over fewer windows. */
function failRate({ factor = 1, rho = 0, errorRatio = 0.001 }: Difference): number {
  const latency = noise({ rho });
  return failRateOf({
    candidate: { errorRatio, series: { latency: times(latency, factor) } },
    stable: { series: { latency } },
  });
}

function failRateOf(window: SimulatedWindow, windows = WINDOWS): number {
  const random = seededRandom(31);
  const answers = Array.from({ length: windows }, () => judgeSamples(drawWindow(window, random)));
  return answers.filter(({ outcome }) => outcome === 'fail').length / windows;
}

/** As the product takes them where metrics are scraped as often as they are sampled: so many increments in each. */
function sampledAtScrapes(samples: number): Draw {
  const increments = rangeMsOf(STEP_MS, STEP_MS) / STEP_MS - 1;
  return overlapping(noise({ n: samples + increments - 1 }), increments);
}

function slowed(samples: number, factor: number, judge: Partial<JudgePlan> = {}): SimulatedWindow {
  const latency = sampledAtScrapes(samples);
  return {
    judge,
    candidate: { series: { latency: times(latency, factor) } },
    stable: { series: { latency } },
  };
}

const LOOKS = [0.4, 0.6, 0.8, 1];

/** What a look at an earlier checkpoint of the window sees of its series. */
function upTo(input: WindowInput, look: number): WindowInput {
  const cut = (track: TrackSamples): TrackSamples => ({
    ...track,
    series: Object.fromEntries(
      Object.entries(track.series).map(([name, series]) => {
        const values = series.values.slice(0, Math.round(series.values.length * look));
        return [name, { ...series, values }];
      }),
    ),
  });
  const { candidate, stable } = input;
  return { ...input, look, candidate: cut(candidate), stable: stable && cut(stable) };
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

  it('detects 20 % more latency in 60 samples where metrics are scraped as often as sampled', () => {
    expect(failRateOf(slowed(60, 1.2))).toBeGreaterThanOrEqual(0.99);
  });

  it('leaves equal versions alone there', () => {
    expect(failRateOf(slowed(60, 1))).toBeLessThanOrEqual(0.01);
  });

  it.each([true, false])(
    'detects twice the latency in 5 minutes there, required: %s',
    (required) => {
      const metrics = [{ ...P95_LATENCY, name: 'latency', required }];

      // In the others twenty samples seem to depend on each other: inconclusive.
      expect(failRateOf(slowed(20, 2, { minSamples: 16, metrics }))).toBeGreaterThanOrEqual(0.98);
    },
  );

  it('keeps the rate of equal versions whatever a promotion adds, over all looks at a window', () => {
    const names = ['latency', 'p50', 'p99', 'memory', 'cpu'];
    const [, ...added] = names;
    const series = Object.fromEntries(names.map((name) => [name, noise()]));
    const judge = { metrics: names.map((name) => ({ ...LATENCY, name, minEffect: 0 })), added };
    const window = { judge, candidate: { series }, stable: { series } };
    const random = seededRandom(31);

    const failed = Array.from({ length: 2 * WINDOWS }, () => {
      const input = drawWindow(window, random);
      return LOOKS.some((look) => judgeSamples(upTo(input, look)).outcome === 'fail');
    });

    expect(failed.filter(Boolean).length / failed.length).toBeLessThanOrEqual(0.01);
  });
});
