import type { Verdict } from '../../../src/domain/verdict';
import { createTestApi, type TestApi } from '../../support/api-app';
import { NOW, releaseStatus } from '../../support/api-fixtures';
import { measuredVerdict, windowEvidence, windowVerdict } from '../../support/window-evidence';

const RELEASE = 'checkout/1.4.0_abc1234';
const VERDICTS = '/v1/registry/releases/checkout/1.4.0_abc1234/verdicts';
const WHAT_IF = '/v1/registry/verdicts/what-if';
const RULES = { canary: {}, observation: {}, judge: {} };

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

async function call(
  method: 'GET' | 'POST',
  url: string,
  payload?: Record<string, unknown>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const token = await api.token('dave', ['viewer']);
  const headers = { authorization: `Bearer ${token}` };
  const answer = await api.app.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: answer.statusCode, body: answer.json() };
}

async function record(verdict: Verdict, releaseId = RELEASE): Promise<void> {
  await api.ledger.recordVerdict(releaseId, `run of ${releaseId}`, 'sha256:p', verdict, NOW);
}

async function saveRelease(over: Parameters<typeof releaseStatus>[0] = {}): Promise<void> {
  const status = releaseStatus(over);
  await api.ledger.saveStatus(status, `run of ${status.releaseId}`, 1);
}

describe('GET verdicts', () => {
  it('answers what stands, with the evidence that the status leaves out', async () => {
    await saveRelease({ outcome: 'released' });
    await record(windowVerdict(windowEvidence(), { outcome: 'inconclusive' }));
    await record(windowVerdict());

    const { body } = await call('GET', VERDICTS);

    expect(body).toMatchObject({
      releaseId: RELEASE,
      repository: 'apps/checkout/checkout',
      outcome: 'released',
      verdicts: [{ ...windowVerdict(), judged: 2, at: NOW, policyHash: 'sha256:p' }],
    });
  });

  it('answers all of them, newest first and without evidence', async () => {
    await saveRelease();
    await record(windowVerdict(windowEvidence(), { outcome: 'inconclusive' }));
    await record(windowVerdict());

    const { body } = await call('GET', `${VERDICTS}?all=true`);

    expect(body['verdicts']).toMatchObject([
      { outcome: 'pass', evidence: null },
      { outcome: 'inconclusive', evidence: null },
    ]);
  });

  it('answers those of one gate', async () => {
    await saveRelease();
    await record(windowVerdict());
    await record({ ...measuredVerdict(), gate: 'observation', subject: '10 %' });

    const { body } = await call('GET', `${VERDICTS}?gate=observation`);

    expect(body['verdicts']).toMatchObject([{ gate: 'observation' }]);
  });

  it('refuses a gate and a release that there are none of', async () => {
    await saveRelease();

    expect(await call('GET', `${VERDICTS}?gate=moon`)).toMatchObject({ status: 400 });
    expect(await call('GET', VERDICTS.replace('1.4.0', '9.9.9'))).toMatchObject({ status: 404 });
  });
});

describe('POST what-if', () => {
  it('says which releases would have gone another way', async () => {
    const fast = 'checkout/1.5.0_abc1234';
    await saveRelease({ outcome: 'released' });
    await saveRelease({ releaseId: fast, outcome: 'released' });
    await record(windowVerdict());
    await record(measuredVerdict({}, 20), fast);
    const rules = { ...RULES, canary: { maxP95Ms: 100 } };

    const { status, body } = await call('POST', WHAT_IF, { rules, days: 30 });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      releases: 2,
      truncated: false,
      summary: { unchanged: 1, stopped: 1, goesOn: 0, unknown: 0 },
      changes: [
        {
          releaseId: RELEASE,
          was: 'released',
          change: 'stopped',
          window: 'canary 25 %',
          why: 'fail: p95 latency is 120 ms, limit 100 ms',
        },
      ],
    });
    expect(body['notes']).toContain(
      'percentages, window lengths and extensions stay as they were run',
    );
  });

  it.each([
    ['released', 'is prod:stable', 'pass'],
    ['rejected', 'GATE_FAILED: canary 25 %, rollout: shop exited 3 times', 'fail'],
  ] as const)(
    'changes nothing by its own rules for one that was %s with verdicts of no window',
    async (outcome, reason, rollout) => {
      await saveRelease({ outcome, reason });
      await record(measuredVerdict({ subject: '25 %, power', evidence: { decision: 'keep' } }));
      await record(windowVerdict());
      await record(
        measuredVerdict({ subject: '25 %, rollout', outcome: rollout, evidence: { percent: 25 } }),
      );

      const { body } = await call('POST', WHAT_IF, { rules: RULES, days: 30 });

      expect(body).toMatchObject({ summary: { unchanged: 1, unknown: 0 }, changes: [] });
    },
  );

  it('looks at releases that have ended, of the service and the time asked for', async () => {
    await saveRelease({ releaseId: 'checkout/1.5.0_abc1234' });
    await saveRelease({ releaseId: 'cart/1.0.0_abc1234', svc: 'cart', outcome: 'released' });
    await saveRelease({ outcome: 'released', requestedAt: '2026-02-01T12:00:00.000Z' });

    const month = await call('POST', WHAT_IF, { rules: RULES, days: 30, svc: 'checkout' });
    const all = await call('POST', WHAT_IF, { rules: RULES, days: 7 });

    expect(month.body).toMatchObject({ releases: 1, since: '2026-01-30T12:00:00.000Z' });
    expect(all.body).toMatchObject({ releases: 1 });
  });

  it('stops in time, and says that there is more', async () => {
    let asked = 0;
    const now = (): Date => new Date(Date.parse(NOW) + asked++ * 20_000);
    const slow = await createTestApi({ now, ledger: api.ledger });
    await saveRelease({ outcome: 'released' });
    await saveRelease({ releaseId: 'checkout/1.5.0_abc1234', outcome: 'released' });
    const token = await slow.token('dave', ['viewer']);

    const answer = await slow.app.inject({
      method: 'POST',
      url: WHAT_IF,
      headers: { authorization: `Bearer ${token}` },
      payload: { rules: RULES, days: 30 },
    });
    await slow.app.close();

    expect(answer.json()).toMatchObject({ releases: 1, truncated: true });
  });

  it('is not broken by old evidence', async () => {
    await saveRelease({ outcome: 'released' });
    await record(measuredVerdict({ evidence: { kept: 'in the ledger' } }));

    const { body } = await call('POST', WHAT_IF, { rules: RULES, days: 30 });

    expect(body).toMatchObject({
      summary: { unknown: 1 },
      changes: [{ change: 'unknown', why: 'no evidence was kept that could be judged' }],
    });
  });

  it.each([
    [{ rules: RULES, days: 0 }, 400],
    [{ rules: { ...RULES, scan: {} }, days: 30 }, 400],
    [{ rules: { ...RULES, canary: { maxErrorRatio: 2 } }, days: 30 }, 400],
    [{ rules: RULES, days: 30, svc: 'nope' }, 404],
  ])('refuses %j', async (payload, status) => {
    expect(await call('POST', WHAT_IF, payload)).toMatchObject({ status });
  });
});
