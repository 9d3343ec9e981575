import { releaseWorkflowId } from '../../../src/contract/ids';
import type { Role } from '../../../src/domain/actor';
import { createTestApi, type TestApi } from '../../support/api-app';
import { LABELS, NOW, POLICY, releaseStatus } from '../../support/api-fixtures';
import { startedBy } from '../../support/fakes/orchestrator';
import { promote, push, REPO, SOURCE } from './promote-fixtures';

const STABLE = { env: 'prod', tag: 'stable' } as const;

let api: TestApi;
let rita: string;

beforeEach(async () => {
  api = await createTestApi();
  rita = await api.token('rita', ['releaser']);
});

afterEach(async () => {
  await api.app.close();
});

describe('POST /v1/registry/promote', () => {
  it('starts a build and says where to follow it', async () => {
    const { status, body } = await promote(api, rita, { repo: REPO, source: SOURCE });

    expect(status).toBe(202);
    expect(body).toEqual({
      releaseId: 'checkout/1.4.0_abc1234',
      workflowId: releaseWorkflowId('checkout/1.4.0_abc1234'),
      existing: false,
      place: 1,
      superseded: [],
      requestedAt: NOW,
      statusUrl: '/v1/registry/releases/checkout/1.4.0_abc1234',
      webUiUrl:
        'http://temporal.test/namespaces/default/workflows/release%2Fcheckout%2F1.4.0_abc1234',
    });
    const [call] = api.orchestrator.calls.filter((one) => one.method === 'submitRelease');
    expect(call?.args[0]).toMatchObject({
      origin: { kind: 'source', path: 'checkout' },
      requestedBy: { subject: 'rita', roles: ['releaser'] },
      policyHash: 'sha256:policy',
    });
  });

  it('takes version and revision of a pushed digest from its labels', async () => {
    const digest = push(api);

    const { status, body } = await promote(api, rita, { repo: REPO, to: 'prod:stable', digest });

    expect(status).toBe(202);
    expect(body).toMatchObject({ releaseId: 'checkout/1.4.0_abc1234' });
  });

  it('promotes what a channel holds', async () => {
    const digest = push(api);
    await api.pin('checkout', { env: 'dev', tag: 'candidate' }, digest);

    const { status } = await promote(api, rita, { repo: REPO, from: 'dev:candidate' });

    expect(status).toBe(202);
    const [call] = api.orchestrator.calls.filter((one) => one.method === 'submitRelease');
    expect(call?.args[0]).toMatchObject({ origin: { kind: 'digest', digest } });
  });

  it('names every label that a pushed digest lacks', async () => {
    const digest = push(api, { ...LABELS, 'plura.region': '' });

    const { body } = await promote(api, rita, { repo: REPO, digest });

    expect(body).toMatchObject({
      code: 'LABEL_MISSING',
      field: 'digest',
      details: { labels: ['plura.region'] },
    });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('answers the same for a repeated Idempotency-Key, and starts one run', async () => {
    const headers = { 'idempotency-key': 'build-77' };

    const first = await promote(api, rita, { repo: REPO, source: SOURCE }, headers);
    const second = await promote(api, rita, { repo: REPO, source: SOURCE }, headers);

    expect(first.status).toBe(202);
    expect(second).toMatchObject({ status: 200, body: { releaseId: first.body['releaseId'] } });
    expect(startedBy(api.orchestrator)).toEqual(['submitRelease']);
  });

  it('answers with the run that is under way for the same digest', async () => {
    const digest = push(api);
    await api.ledger.saveStatus(releaseStatus({ digest }), 'run', 1);

    const { status, body } = await promote(api, rita, { repo: REPO, digest });

    expect(status).toBe(200);
    expect(body).toMatchObject({ existing: true, releaseId: 'checkout/1.4.0_abc1234' });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('answers with the release that is prod:stable already', async () => {
    const digest = push(api);
    await api.ledger.saveStatus(releaseStatus({ digest, outcome: 'released' }), 'run', 1);
    await api.pin('checkout', STABLE, digest);

    const { status, body } = await promote(api, rita, { repo: REPO, digest });

    expect(status).toBe(200);
    expect(body).toMatchObject({ existing: true, place: null });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('runs a release that failed before once more', async () => {
    const digest = push(api);
    await api.ledger.saveStatus(releaseStatus({ digest, outcome: 'failed' }), 'run', 1);

    expect(await promote(api, rita, { repo: REPO, digest })).toMatchObject({ status: 202 });
  });

  it('says that Temporal is down instead of losing the request', async () => {
    api.orchestrator.fail('ORCHESTRATOR_UNAVAILABLE', 1, 'submitRelease');

    const { status, body } = await promote(api, rita, { repo: REPO, source: SOURCE });

    expect(status).toBe(503);
    expect(body).toMatchObject({ code: 'ORCHESTRATOR_UNAVAILABLE', retryable: true });
  });

  it('shows nothing of an unexpected error but the request id', async () => {
    await api.app.close();
    api = await createTestApi({
      sources: { inspect: () => Promise.reject(new Error('password=hunter2')) },
    });
    rita = await api.token('rita', ['releaser']);

    const { status, body } = await promote(api, rita, { repo: REPO, source: SOURCE });

    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'INTERNAL', requestId: expect.any(String) as string });
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });
});

describe('a plan', () => {
  it('says what would happen and touches nothing', async () => {
    const running = { releaseId: 'checkout/1.3.0_aaaaaaa', requestedBy: 'rob', requestedAt: NOW };
    const queued = { ...running, releaseId: 'checkout/1.3.1_bbbbbbb' };
    const lane = { svc: 'checkout', epoch: 4, running, queued: [queued], hold: null };
    api.orchestrator.lanes.set('checkout', { ...lane, rollbackRunning: false });
    const writes = ['saveStatus', 'appendAudit', 'bumpEpoch', 'beginMove', 'claimTag', 'markBad'];

    const { status, body } = await promote(api, rita, { repo: REPO, source: SOURCE, plan: true });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      possible: true,
      existing: null,
      queue: { place: 2, running: running.releaseId, ahead: [], supersedes: [queued.releaseId] },
      approvals: { required: true, missing: 1, roles: ['approver'], excluded: ['rita'] },
      etaMs: 3 * POLICY.canary.windowMs + POLICY.observation.windowMs,
      problems: [],
    });
    expect((body['stages'] as { title: string }[]).map((one) => one.title)).toEqual([
      'build checkout',
      'SBOM and provenance',
      'scan',
      'sign and log',
      'write-once tag, dev:candidate',
      'stg:candidate',
      'canary 5 %',
      'canary 25 %',
      'canary 100 %',
      'prod:candidate',
      'observation at 10 %',
      'approval',
      'prod:stable, notes, revert key',
    ]);
    expect(startedBy(api.orchestrator)).toEqual([]);
    expect(api.ledger.calls.filter((one) => writes.includes(one.method))).toEqual([]);
  });

  it('lists every problem instead of stopping at the first', async () => {
    const digest = push(api, { ...LABELS, 'plura.region': '' });
    api.ledger.quarantined.add(digest);
    const hold = { by: 'carol', reason: 'incident', at: NOW };
    const lane = { svc: 'checkout', epoch: 1, running: null, queued: [], rollbackRunning: false };
    api.orchestrator.lanes.set('checkout', { ...lane, hold });

    const { status, body } = await promote(
      api,
      rita,
      { repo: REPO, digest },
      {},
      '/v1/registry/promote?plan=1',
    );

    expect(status).toBe(200);
    expect(body).toMatchObject({ possible: false, queue: { place: null, hold } });
    const codes = (body['problems'] as { code: string }[]).map((one) => one.code);
    expect(codes).toEqual(['LABEL_MISSING', 'QUARANTINED', 'LANE_HELD']);
  });
});

describe('rights', () => {
  it.each<Role>(['releaser', 'admin'])('%s may promote', async (role) => {
    rita = await api.token('rita', [role]);

    expect(await promote(api, rita, { repo: REPO, source: SOURCE })).toMatchObject({ status: 202 });
  });
});
