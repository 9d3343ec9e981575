import { createHttpScenarioRunner } from '../../../../src/adapters/scenario/http-scenario-runner';
import type { Digest } from '../../../../src/domain/digest';
import type { ImageRef } from '../../../../src/domain/reference';
import { requestsPerRound } from '../../../../src/domain/scenario-limits';
import { planTraffic } from '../../../../src/domain/scenario-traffic';
import { createFakeContainerRuntime } from '../../../support/fakes/container-runtime';
import { scenarioOf, scenarioStep } from '../../../support/scenario-server';
import { startTestTarget, type TestTarget } from '../../../support/target-process';

const imageOf = (letter: string): ImageRef => ({
  repository: 'apps/shop/web',
  digest: `sha256:${letter.repeat(64)}`,
});
const stable = imageOf('a');
const candidate = imageOf('b');
const at = { svc: 'shop', env: 'stg', epoch: 1 } as const;
const scenarios = [scenarioOf([scenarioStep('/items'), scenarioStep('/cart')])];

const runner = createHttpScenarioRunner({ stepTimeoutMs: 5_000 });

/** As the judge's metrics source counts them: what the router has answered for a digest. */
async function requestsAtRouter(target: TestTarget, digest: Digest): Promise<number> {
  const text = await (await fetch(new URL('/metrics', target.url))).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith('plura_router_requests_total{') && line.includes(digest))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

describe('traffic by scenarios, where the judge measures', () => {
  let target: TestTarget;
  let url: string;

  beforeEach(async () => {
    target = await startTestTarget(createFakeContainerRuntime());
    await target.rollout.makeStable(at, stable, '/healthz', 5_000);
    await target.rollout.startCandidate(at, candidate, '/healthz', 5_000);
    ({ url } = await target.rollout.setCandidatePercent(at, candidate.digest, 20));
  });

  afterEach(() => target.close());

  it('brings the candidate to the least number of requests, through the router', async () => {
    const need = { minRequests: 20, seenRequests: 0, leastPercent: 20 };
    const window = { windowMs: 60_000, settleMs: 5_000 };
    const plan = planTraffic({ ...need, ...window, requestsPerRound: requestsPerRound(scenarios) });
    if (plan.kind !== 'drive') throw new Error(plan.kind);
    const load = { ...plan.load, paceMs: 0 };

    const [result] = await runner.run({ baseUrl: url, scenarios, load });

    const taken = await requestsAtRouter(target, candidate.digest);
    const rest = await requestsAtRouter(target, stable.digest);
    expect(result).toMatchObject({ ok: true, rounds: { requests: plan.requests } });
    expect(taken).toBeGreaterThanOrEqual(20);
    expect(taken + rest).toBe(plan.requests);
  });

  it('counts nothing of what is sent to the track itself', async () => {
    const baseUrl = (await target.rollout.trackUrl('shop', 'stg', 'candidate'))!;

    const [result] = await runner.run({ baseUrl, scenarios, load: { rounds: 20, paceMs: 0 } });

    expect(result?.ok).toBe(true);
    expect(await requestsAtRouter(target, candidate.digest)).toBe(0);
  });
});
