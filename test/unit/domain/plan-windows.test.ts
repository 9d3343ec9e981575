import { P95_LATENCY } from '../../../src/domain/plan-defaults';
import { timesOf, undecidedOf, windowsOf } from '../../../src/domain/plan-windows';
import { planWith } from '../../support/plans';

const MINUTE = 60_000;

describe('the windows of a plan', () => {
  it('are the steps of the canary in stg and the observation in prod', () => {
    const windows = windowsOf(planWith());

    expect(windows.map(({ gate, env, percent, path }) => [gate, env, percent, path])).toEqual([
      ['canary', 'stg', 5, 'canary.steps[0].window'],
      ['canary', 'stg', 25, 'canary.steps[1].window'],
      ['canary', 'stg', 100, 'canary.steps[2].window'],
      ['observation', 'prod', 10, 'observation.window'],
    ]);
  });

  it('say how many samples they give and how much traffic they need', () => {
    const [first, , , observation] = windowsOf(planWith());

    expect(first).toMatchObject({ samples: 20, maxMs: 15 * MINUTE });
    expect(first?.requestsPerSecond).toBeCloseTo(10 / (300 * 0.05));
    expect(observation).toMatchObject({ samples: 60, maxMs: 30 * MINUTE });
  });

  it.each([
    [75, {}, 25],
    [75, { errors: null }, 75],
    [100, {}, 100],
  ])('need at %d % what the one with less traffic needs', (percent, judge, least) => {
    const steps = [{ percent, windowMs: 5 * MINUTE }];
    const [window] = windowsOf(planWith({ canary: { steps }, judge }));

    expect(window?.requestsPerSecond).toBeCloseTo(10 / (300 * (least / 100)));
  });

  it('last longer at most where they may be lengthened to detect something', () => {
    const lengthening = { judge: { power: { detect: 0.2, maxLengthening: 2 } } };

    expect(windowsOf(planWith(lengthening))[0]?.maxMs).toBe(30 * MINUTE);
  });

  it('are lengthened to what a series needs, as far as they may', () => {
    const judge = { metrics: [P95_LATENCY], minSamples: 30 };
    const few = planWith({ judge, observation: { windowMs: 2 * MINUTE } });

    expect(windowsOf(few).map(({ maxMs }) => maxMs / MINUTE)).toEqual([22.5, 22.5, 22.5, 12]);
  });

  it('need no traffic without a length', () => {
    const plan = planWith();
    const without = { ...plan, observation: { ...plan.observation, windowMs: 0 } };

    expect(windowsOf(without).at(-1)).toMatchObject({ requestsPerSecond: null, samples: 0 });
  });

  it('add up, at best and at worst', () => {
    expect(timesOf(planWith())).toEqual({
      bestMs: 30 * MINUTE,
      worstMs: 75 * MINUTE,
      mayHold: false,
    });
    expect(timesOf(planWith({ judge: { onError: { then: 'hold' } } })).mayHold).toBe(true);
    expect(timesOf(planWith({ observation: { onError: { then: 'hold' } } })).mayHold).toBe(true);
  });

  it('take what follows an undecided one from the observation, else from the judge', () => {
    const plan = planWith({ observation: { onError: { maxExtensions: 7 } } });
    const { candidatePercent, windowMs, checkpointMs, guardrails } = plan.observation;
    const observation = { candidatePercent, windowMs, checkpointMs, guardrails };

    expect(undecidedOf(plan, 'observation', 'error').maxExtensions).toBe(7);
    expect(undecidedOf(plan, 'canary', 'error').maxExtensions).toBe(2);
    expect(undecidedOf({ ...plan, observation }, 'observation', 'error').maxExtensions).toBe(2);
    expect(undecidedOf(plan, 'observation', 'inconclusive').maxExtensions).toBe(1);
  });
});
