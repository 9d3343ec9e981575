import fc from 'fast-check';
import {
  MAX_REQUESTS_PER_SECOND,
  planTraffic,
  requestsAtRouter,
  type TrafficNeed,
} from '../../../src/domain/scenario-traffic';
import { takesCandidate } from '../../../src/domain/traffic-split';

const NEED: TrafficNeed = {
  minRequests: 20,
  seenRequests: 0,
  leastPercent: 5,
  requestsPerRound: 4,
  windowMs: 300_000,
  settleMs: 30_000,
};

describe('traffic by scenarios', () => {
  it('spreads its rounds over the window, but for the end of it', () => {
    const plan = planTraffic(NEED);

    expect(plan).toEqual({
      kind: 'drive',
      load: { rounds: 191, paceMs: 1413 },
      requests: 764,
    });
  });

  it('sends no more than is needed where the candidate takes everything', () => {
    const plan = planTraffic({ ...NEED, leastPercent: 100 });

    expect(plan).toMatchObject({ kind: 'drive', load: { rounds: 5 }, requests: 20 });
  });

  it('fills up what real traffic leaves open', () => {
    expect(planTraffic({ ...NEED, seenRequests: 20 })).toEqual({ kind: 'enough' });
    expect(planTraffic({ ...NEED, leastPercent: 100, seenRequests: 15 })).toMatchObject({
      requests: 8,
    });
  });

  it.each<[string, Partial<TrafficNeed>, RegExp]>([
    ['no scenarios', { requestsPerRound: 0 }, /no scenarios/],
    ['no traffic for the candidate', { leastPercent: 0 }, /takes no traffic/],
    ['a window shorter than a scrape', { windowMs: 30_000 }, /too short/],
    ['more than a service should be asked', { minRequests: 5_000 }, /at most 100 a second/],
  ])('is impossible with %s', (_name, change, reason) => {
    expect(planTraffic({ ...NEED, ...change })).toEqual({
      kind: 'impossible',
      reason: expect.stringMatching(reason) as string,
    });
  });

  it('reaches the candidate often enough through the router, whatever it has dealt before', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 100 }),
        fc.nat(1_000),
        fc.nat(),
        (wanted, percent, first, seed) => {
          const requests = requestsAtRouter(wanted, percent);
          const taken = Array.from({ length: requests }, (_, n) => n).filter((n) =>
            takesCandidate(first + n, percent, seed),
          ).length;

          expect(taken).toBeGreaterThanOrEqual(wanted);
        },
      ),
    );
  });

  it('ends inside the window and below the rate limit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1_000, max: 3_600_000 }),
        (minRequests, leastPercent, requestsPerRound, windowMs) => {
          const settleMs = windowMs / 10;
          const need = { minRequests, leastPercent, requestsPerRound, windowMs, settleMs };
          const plan = planTraffic({ ...NEED, ...need });

          fc.pre(plan.kind === 'drive');
          const { rounds, paceMs } = plan.load;
          const rate = (rounds * requestsPerRound * 1000) / (windowMs - settleMs);
          expect((rounds - 1) * paceMs).toBeLessThan(windowMs - settleMs);
          expect(rate).toBeLessThanOrEqual(MAX_REQUESTS_PER_SECOND);
        },
      ),
    );
  });
});
