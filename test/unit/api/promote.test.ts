import { releaseWorkflowId } from '../../../src/contract/ids';
import type { Digest } from '../../../src/domain/digest';
import type { Role } from '../../../src/domain/actor';
import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, LABELS, NOW, POLICY, releaseStatus } from '../../support/api-fixtures';
import { startedBy } from '../../support/fakes/orchestrator';

const REPO = 'apps/checkout/checkout';
const SOURCE = { path: 'checkout', version: '1.4.0', revision: 'abc1234' };
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

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: Record<string, unknown>;
}

async function promote(
  body: unknown,
  headers: Record<string, string> = {},
  url = '/v1/registry/promote',
): Promise<Answer> {
  const answer = await api.app.inject({
    method: 'POST',
    url,
    headers: { authorization: `Bearer ${rita}`, 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(body),
  });
  const type = answer.headers['content-type'];
  return {
    status: answer.statusCode,
    type: typeof type === 'string' ? type : undefined,
    body: answer.json(),
  };
}

function push(labels: Readonly<Record<string, string>> = LABELS): Digest {
  return api.registry.pushImage({ repository: REPO, labels });
}

describe('POST /v1/registry/promote', () => {
  it('starts a build and says where to follow it', async () => {
    const { status, body } = await promote({ repo: REPO, source: SOURCE });

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
    const digest = push();

    const { status, body } = await promote({ repo: REPO, to: 'prod:stable', digest });

    expect(status).toBe(202);
    expect(body).toMatchObject({ releaseId: 'checkout/1.4.0_abc1234' });
  });

  it('promotes what a channel holds', async () => {
    const digest = push();
    await api.pin('checkout', { env: 'dev', tag: 'candidate' }, digest);

    const { status } = await promote({ repo: REPO, from: 'dev:candidate' });

    expect(status).toBe(202);
    const [call] = api.orchestrator.calls.filter((one) => one.method === 'submitRelease');
    expect(call?.args[0]).toMatchObject({ origin: { kind: 'digest', digest } });
  });

  it.each<[string, unknown, number, string, string]>([
    [
      'an unknown service',
      { repo: 'apps/nope/nope', source: SOURCE },
      404,
      'UNKNOWN_SERVICE',
      'repo',
    ],
    [
      'a repository that is none',
      { repo: 'checkout', source: SOURCE },
      400,
      'INVALID_INPUT',
      'repo',
    ],
    ['the tag latest', { repo: `${REPO}:latest`, source: SOURCE }, 422, 'LATEST_REFUSED', 'repo'],
    ['latest as a digest', { repo: REPO, digest: 'latest' }, 422, 'LATEST_REFUSED', 'digest'],
    [
      'latest as a version',
      { repo: REPO, source: { ...SOURCE, version: 'latest' } },
      422,
      'LATEST_REFUSED',
      'source.version',
    ],
    ['a malformed digest', { repo: REPO, digest: 'sha256:123' }, 400, 'INVALID_INPUT', 'digest'],
    [
      'a digest that is not there',
      { repo: REPO, digest: fakeDigest('gone') },
      404,
      'DIGEST_NOT_FOUND',
      'digest',
    ],
    [
      'a version that is none',
      { repo: REPO, source: { ...SOURCE, version: '1.4' } },
      400,
      'INVALID_INPUT',
      'source.version',
    ],
    [
      'a revision that is none',
      { repo: REPO, source: { ...SOURCE, revision: 'main' } },
      400,
      'INVALID_INPUT',
      'source.revision',
    ],
    [
      'a folder that is not there',
      { repo: REPO, source: { ...SOURCE, path: 'nope' } },
      404,
      'SOURCE_NOT_FOUND',
      'source.path',
    ],
    ['nothing to promote', { repo: REPO }, 400, 'INVALID_INPUT', 'digest'],
    [
      'two things to promote',
      { repo: REPO, digest: fakeDigest('a'), source: SOURCE },
      400,
      'INVALID_INPUT',
      'source',
    ],
    [
      'another target',
      { repo: REPO, to: 'stg:stable', source: SOURCE },
      400,
      'INVALID_INPUT',
      'to',
    ],
    ['an empty channel', { repo: REPO, from: 'dev:candidate' }, 400, 'INVALID_INPUT', 'from'],
    [
      'a channel that is none',
      { repo: REPO, from: 'moon:candidate' },
      400,
      'INVALID_INPUT',
      'from',
    ],
    [
      'a field that is not known',
      { repo: REPO, source: SOURCE, force: true },
      400,
      'INVALID_INPUT',
      'body',
    ],
    ['a field of the wrong type', { repo: 7, source: SOURCE }, 400, 'INVALID_INPUT', 'repo'],
  ])('refuses %s by name and starts nothing', async (_name, input, status, code, field) => {
    const answer = await promote(input);

    expect(answer).toMatchObject({ status, body: { code, field, status } });
    expect(answer.type).toBe('application/problem+json');
    expect(answer.body['remedy']).toEqual(expect.any(String));
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('refuses a body that is not JSON, or too large', async () => {
    const inject = (payload: string): Promise<{ statusCode: number; json: () => unknown }> =>
      api.app.inject({
        method: 'POST',
        url: '/v1/registry/promote',
        headers: { authorization: `Bearer ${rita}`, 'content-type': 'application/json' },
        payload,
      });

    const broken = await inject('{');
    const large = await inject(JSON.stringify({ repo: 'x'.repeat(300 * 1024) }));

    expect(broken.json()).toMatchObject({ code: 'INVALID_INPUT', field: 'body' });
    expect(large.json()).toMatchObject({ code: 'INVALID_INPUT', field: 'body' });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('names every label that a pushed digest lacks', async () => {
    const digest = push({ ...LABELS, 'plura.region': '' });

    const { body } = await promote({ repo: REPO, digest });

    expect(body).toMatchObject({
      code: 'LABEL_MISSING',
      field: 'digest',
      details: { labels: ['plura.region'] },
    });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it.each([
    [
      'an unlisted base',
      'FROM scratch AS a\nFROM docker.io/library/node:24',
      'BASE_REFUSED',
      'allow-list',
    ],
    ['an unsigned base', 'FROM bases/static AS a\nFROM bases/static', 'BASE_REFUSED', 'signature'],
    [
      'a COPY from outside',
      'FROM scratch\nFROM scratch\nCOPY --from=evil / /',
      'BASE_REFUSED',
      'evil',
    ],
    ['the tag latest', 'FROM bases/static:latest\nFROM scratch', 'LATEST_REFUSED', 'latest'],
    ['a base by variable', 'ARG B=x\nFROM $B\nFROM scratch', 'BASE_REFUSED', '"x" is not on'],
    [
      'a foreign frontend',
      '# syntax=evil/x\nFROM scratch\nFROM scratch',
      'BUILD_REFUSED',
      'frontend',
    ],
    [
      'a foreign frontend behind #!',
      '#!x\n# syntax=evil/x\nFROM scratch\nFROM scratch',
      'BUILD_REFUSED',
      'evil/x',
    ],
    ['a single stage', 'FROM scratch', 'BUILD_REFUSED', 'single stage'],
    ['the user root', 'FROM scratch\nFROM scratch\nUSER 00', 'BUILD_REFUSED', 'root'],
  ])('refuses a build with %s at the edge', async (_name, dockerfile, code, why) => {
    await api.app.close();
    api = await createTestApi({
      sources: { inspect: (path) => Promise.resolve({ path, dockerfile }) },
    });
    rita = await api.token('rita', ['releaser']);

    const { status, body } = await promote({ repo: REPO, source: SOURCE });

    expect(status).toBe(422);
    expect(body).toMatchObject({ code, field: 'source.path' });
    expect(body['detail']).toContain(why);
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('refuses a digest that is remembered as bad, until it is released explicitly', async () => {
    const digest = push();
    const bad = { digest, svc: 'checkout', reason: 'errors in canary', at: NOW, actor: 'system' };
    await api.ledger.markBad(bad);
    const erin = await api.token('erin', ['security']);

    const refused = await promote({ repo: REPO, digest });
    const released = await api.app.inject({
      method: 'POST',
      url: `/v1/registry/digests/${digest}/release`,
      headers: { authorization: `Bearer ${erin}` },
      payload: { svc: 'checkout', reason: 'the load test was at fault' },
    });
    const accepted = await promote({ repo: REPO, digest });

    expect(refused).toMatchObject({ status: 409, body: { code: 'BAD_DIGEST', field: 'digest' } });
    expect(refused.body['remedy']).toContain('plura reg unblock checkout');
    expect(released.json()).toEqual({ svc: 'checkout', digest, released: true });
    expect(api.ledger.audit).toMatchObject([
      { actor: 'rita', action: 'release.request' },
      { actor: 'erin', action: 'digest.unblock' },
    ]);
    expect(accepted.status).toBe(202);
  });

  it('refuses a quarantined digest', async () => {
    const digest = push();
    api.ledger.quarantined.add(digest);

    expect(await promote({ repo: REPO, digest })).toMatchObject({
      status: 409,
      body: { code: 'QUARANTINED' },
    });
  });

  it('answers the same for a repeated Idempotency-Key, and starts one run', async () => {
    const headers = { 'idempotency-key': 'build-77' };

    const first = await promote({ repo: REPO, source: SOURCE }, headers);
    const second = await promote({ repo: REPO, source: SOURCE }, headers);

    expect(first.status).toBe(202);
    expect(second).toMatchObject({ status: 200, body: { releaseId: first.body['releaseId'] } });
    expect(startedBy(api.orchestrator)).toEqual(['submitRelease']);
  });

  it('answers with the run that is under way for the same digest', async () => {
    const digest = push();
    await api.ledger.saveStatus(releaseStatus({ digest }), 'run', 1);

    const { status, body } = await promote({ repo: REPO, digest });

    expect(status).toBe(200);
    expect(body).toMatchObject({ existing: true, releaseId: 'checkout/1.4.0_abc1234' });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('answers with the release that is prod:stable already', async () => {
    const digest = push();
    await api.ledger.saveStatus(releaseStatus({ digest, outcome: 'released' }), 'run', 1);
    await api.pin('checkout', STABLE, digest);

    const { status, body } = await promote({ repo: REPO, digest });

    expect(status).toBe(200);
    expect(body).toMatchObject({ existing: true, place: null });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('runs a release that failed before once more', async () => {
    const digest = push();
    await api.ledger.saveStatus(releaseStatus({ digest, outcome: 'failed' }), 'run', 1);

    expect(await promote({ repo: REPO, digest })).toMatchObject({ status: 202 });
  });

  it('refuses to give a released version to another digest', async () => {
    const released = fakeDigest('other');
    await api.ledger.saveStatus(releaseStatus({ digest: released, outcome: 'released' }), 'r', 1);

    const { status, body } = await promote({ repo: REPO, digest: push() });

    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'TAG_TAKEN', field: 'digest' });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('says that Temporal is down instead of losing the request', async () => {
    api.orchestrator.fail('ORCHESTRATOR_UNAVAILABLE', 1, 'submitRelease');

    const { status, body } = await promote({ repo: REPO, source: SOURCE });

    expect(status).toBe(503);
    expect(body).toMatchObject({ code: 'ORCHESTRATOR_UNAVAILABLE', retryable: true });
  });

  it('shows nothing of an unexpected error but the request id', async () => {
    await api.app.close();
    api = await createTestApi({
      sources: { inspect: () => Promise.reject(new Error('password=hunter2')) },
    });
    rita = await api.token('rita', ['releaser']);

    const { status, body } = await promote({ repo: REPO, source: SOURCE });

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

    const { status, body } = await promote({ repo: REPO, source: SOURCE, plan: true });

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
    const digest = push({ ...LABELS, 'plura.region': '' });
    api.ledger.quarantined.add(digest);
    const hold = { by: 'carol', reason: 'incident', at: NOW };
    const lane = { svc: 'checkout', epoch: 1, running: null, queued: [], rollbackRunning: false };
    api.orchestrator.lanes.set('checkout', { ...lane, hold });

    const { status, body } = await promote(
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

    expect(await promote({ repo: REPO, source: SOURCE })).toMatchObject({ status: 202 });
  });
});
