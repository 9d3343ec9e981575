import { adequateWindow, type AdequacyInput } from '../../../../src/domain/judge/adequate-window';
import type { JudgePlan } from '../../../../src/domain/plan';
import type { Series } from '../../../../src/domain/series';
import { constant, noise, type Draw } from '../../../support/judge/draws';
import { seededRandom } from '../../../support/judge/random';
import { JUDGE, STEP_MS } from '../../../support/judge/windows';

const series = (draw: Draw): Series => ({
  startMs: 0,
  stepMs: STEP_MS,
  values: draw(seededRandom(5)),
});

function input(
  detect: number | null,
  change: Partial<AdequacyInput> = {},
  judge: Partial<JudgePlan> = {},
): AdequacyInput {
  return {
    judge: { ...JUDGE, power: { detect, maxLengthening: 3 }, ...judge },
    windowMs: 60 * STEP_MS,
    seen: { latency: series(noise({ n: 240 })) },
    requests: null,
    ...change,
  };
}

describe('adequateWindow', () => {
  it('keeps a window that shows what is asked', () => {
    const result = adequateWindow(input(0.2));

    expect(result).toMatchObject({ decision: 'keep', windowMs: 60 * STEP_MS, reasons: [] });
    expect(result.metrics[0]!.detectable).toBeLessThan(0.2);
  });

  it('lengthens a window by as much as it takes, and no more', () => {
    const result = adequateWindow(input(0.08));
    const shorter = adequateWindow(input(null, { windowMs: result.windowMs - STEP_MS }));

    expect(result.decision).toBe('lengthen');
    expect(result.reasons).toEqual([
      expect.stringMatching(/^a regression of 8 % in latency takes \d+ samples a side to show$/),
    ]);
    expect(result.windowMs).toBeGreaterThan(60 * STEP_MS);
    expect(result.windowMs).toBeLessThanOrEqual(180 * STEP_MS);
    expect(result.metrics[0]!.detectable).toBeLessThanOrEqual(0.08);
    expect(shorter.metrics[0]!.detectable).toBeGreaterThan(0.08);
  });

  it('refuses a window that no length allowed makes good', () => {
    const result = adequateWindow(input(0.06));

    expect(result).toMatchObject({ decision: 'refuse', windowMs: 60 * STEP_MS });
    expect(result.reasons).toEqual([
      expect.stringMatching(/^a regression of 6 % in latency is asked for, .* of \S+ % at least$/),
    ]);
  });

  it('refuses what the floor of the effect hides, however long', () => {
    const power = { detect: 0.05, maxLengthening: 1_000 };

    expect(adequateWindow(input(0.05, {}, { power })).decision).toBe('refuse');
  });

  it('sees that dependent samples are worth less', () => {
    const seen = { latency: series(noise({ n: 240, rho: 0.6 })) };

    expect(adequateWindow(input(0.12)).decision).toBe('keep');
    expect(adequateWindow(input(0.12, { seen })).decision).not.toBe('keep');
  });

  it('lengthens a window that can not hold the samples needed', () => {
    const result = adequateWindow(input(null, { windowMs: 10 * STEP_MS }));

    expect(result).toMatchObject({ decision: 'lengthen', windowMs: 20 * STEP_MS });
    expect(adequateWindow(input(null, { windowMs: 5 * STEP_MS })).decision).toBe('refuse');
  });

  it.each<[string, Readonly<Record<string, Series>>, RegExp]>([
    ['never seen', {}, /latency of stable varies is not known yet/],
    ['hardly seen', { latency: series(noise({ n: 9 })) }, /not known yet/],
    ['seen as 0', { latency: series(constant(0)) }, /mostly 0/],
  ])('keeps a window, and says so, for a metric that was %s', (_name, seen, expected) => {
    const result = adequateWindow(input(0.1, { seen }));

    expect(result.decision).toBe('keep');
    expect(result.reasons).toEqual([expect.stringMatching(expected)]);
    expect(result.metrics).toEqual([{ metric: 'latency', known: false, detectable: null }]);
  });

  it('asks for nothing where there is nothing to compare', () => {
    const result = adequateWindow(input(0.1, { windowMs: 0 }, { metrics: [], errors: null }));

    expect(result).toMatchObject({ decision: 'keep', reasons: [], metrics: [] });
  });

  it('says which difference in errors the requests expected can show', () => {
    const requests = { candidate: 5_000, stable: { requests: 5_000, errors: 5 } };
    const few = { candidate: 50, stable: { requests: 950, errors: 1 } };

    const difference = adequateWindow(input(null, { requests })).errorDifference;

    expect(difference).toBeGreaterThan(0.002);
    expect(difference).toBeLessThan(0.006);
    expect(adequateWindow(input(null, { requests: few })).errorDifference).toBeGreaterThan(0.02);
    expect(adequateWindow(input(null)).errorDifference).toBeNull();
  });
});
