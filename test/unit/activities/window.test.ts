import { createWindowActivities, type MeasureWindowInput } from '../../../activities/window';
import type { WindowQuery } from '../../../src/ports/metrics-source';
import { quietEnvironment } from '../../support/activity-env';
import { createFakeDeps } from '../../support/fake-deps';
import { createFakeMetricsSource, healthySample } from '../../support/fakes/metrics-source';

const NOW = new Date('2026-01-01T00:01:00.000Z');
const ASKED = '2026-01-01T00:00:10.000Z';

const INPUT: MeasureWindowInput = {
  release: { releaseId: 'shop/1.0.0_abcdef1', svc: 'shop', policyHash: 'sha256:0' },
  gate: 'canary',
  subject: '5 %',
  env: 'stg',
  digest: `sha256:${'a'.repeat(64)}`,
  from: '2026-01-01T00:00:00.000Z',
  to: ASKED,
  windowMs: 10_000,
  guardrails: { maxErrorRatio: 0.01, maxP95Ms: 500, minRequests: 10 },
};

async function measuredUpTo(attempt: number): Promise<string | undefined> {
  const queries: WindowQuery[] = [];
  const metrics = createFakeMetricsSource((query) => {
    queries.push(query);
    return healthySample();
  });
  const deps = { ...(await createFakeDeps()), metrics, now: () => NOW };
  await quietEnvironment({ attempt }).run(
    (input: MeasureWindowInput) => createWindowActivities(deps).measureWindow(input),
    INPUT,
  );
  return queries[0]?.to;
}

describe('measureWindow', () => {
  it('looks at the moment it was asked for', async () => {
    await expect(measuredUpTo(1)).resolves.toBe(ASKED);
  });

  it('looks up to now on a retry: what an outage left unmeasured stays unmeasured', async () => {
    await expect(measuredUpTo(2)).resolves.toBe(NOW.toISOString());
  });
});
