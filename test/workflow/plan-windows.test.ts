import { healthySample } from '../support/fakes/metrics-source';
import {
  MINUTE,
  PLAN,
  sharesGiven,
  slowed,
  usePlanServer,
  type PlannedOptions,
  type PlannedRelease,
} from '../support/plan-release';

jest.setTimeout(90_000);

const looksOf = ({ deps }: PlannedRelease): number =>
  deps.ledger.verdicts.filter(({ verdict }) => verdict.subject === '25 %').length;

describe('the window of a release by its plan', () => {
  const server = usePlanServer();

  it('is looked at a hundred times at most, however close its checkpoints are', async () => {
    const release = await server.start('hasty', {
      series: slowed(1),
      given: {
        ...PLAN,
        canary: { steps: [{ percent: 25, windowMs: 5 * MINUTE }], checkpointMs: 1 },
        observation: { windowMs: 0 },
      },
    });

    const { result } = await release.end();

    expect(result.outcome).toBe('released');
    expect(looksOf(release)).toBeGreaterThan(90);
    expect(looksOf(release)).toBeLessThanOrEqual(101);
  });

  const UNDECIDED: PlannedOptions = {
    series: slowed(1),
    metrics: () => healthySample({ requests: 1 }),
    given: {
      ...PLAN,
      judge: { ...PLAN.judge, onInconclusive: { maxExtensions: 0, then: 'hold' } },
    },
  };

  it('goes on from a hold with the first look that passes', async () => {
    let looks = 0;
    const release = await server.start('decided', {
      ...UNDECIDED,
      metrics: () => {
        looks += 1;
        return healthySample(looks < 30 ? { requests: 1 } : {});
      },
    });

    const { result } = await release.end();

    expect(result.outcome).toBe('released');
    expect(sharesGiven(release)).toEqual([25, 100, 10]);
  });
});
