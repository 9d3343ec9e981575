import { verifyDecisionToken } from '../../../src/contract/schema/decision-token';
import type { Role } from '../../../src/domain/actor';
import { KEY_IDS } from '../../../src/ports/signer';
import { createTestApi, type TestApi } from '../../support/api-app';
import { NOW, releaseStatus } from '../../support/api-fixtures';
import { startedBy } from '../../support/fakes/orchestrator';

const URL = '/v1/registry/releases/checkout/1.4.0_abc1234';

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

async function call(
  who: readonly [string, Role],
  method: 'GET' | 'POST',
  url: string,
  payload?: Record<string, unknown>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const token = await api.token(who[0], [who[1]]);
  const answer = await api.app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${token}` },
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, body: answer.json() };
}

describe('a release', () => {
  it('is shown as the ledger has it, evidence and all', async () => {
    const verdict = { gate: 'scan', subject: 'image', outcome: 'pass', reasons: [] } as const;
    const verdicts = [{ ...verdict, evidence: { critical: 0 } }];
    await api.ledger.saveStatus(releaseStatus({ verdicts }), 'run', 1);

    const { body } = await call(['dave', 'viewer'], 'GET', URL);

    const { webUiUrl, ...status } = body;
    expect(status).toEqual({ ...releaseStatus({ verdicts }) });
    expect(webUiUrl).toContain('release%2Fcheckout%2F1.4.0_abc1234');
  });

  it('is found by the tag as people write it', async () => {
    await api.ledger.saveStatus(releaseStatus(), 'run', 1);

    expect(await call(['dave', 'viewer'], 'GET', URL.replace('_', '%2B'))).toMatchObject({
      status: 200,
    });
  });

  it('is asked for where it runs when the ledger does not know it yet', async () => {
    const status = releaseStatus();
    api.orchestrator.statuses.set(status.releaseId, status);

    expect(await call(['dave', 'viewer'], 'GET', URL)).toMatchObject({ body: { stage: 'canary' } });
  });

  it.each([
    ['/v1/registry/releases/checkout/9.9.9_abc1234', 'RELEASE_NOT_FOUND'],
    ['/v1/registry/releases/nope/1.4.0_abc1234', 'UNKNOWN_SERVICE'],
    ['/v1/registry/services/nope', 'UNKNOWN_SERVICE'],
    ['/v1/registry/releases?svc=nope', 'UNKNOWN_SERVICE'],
    ['/v1/registry/nope', 'INVALID_INPUT'],
  ])('GET %s is a 404 with code %s', async (url, code) => {
    expect(await call(['dave', 'viewer'], 'GET', url)).toMatchObject({
      status: 404,
      body: { code },
    });
  });

  it.each(['0', '101', 'many'])('refuses a list of %s', async (limit) => {
    const url = `/v1/registry/releases?limit=${limit}`;

    expect(await call(['dave', 'viewer'], 'GET', url)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_INPUT', field: 'limit' },
    });
  });

  it('has notes once they are written', async () => {
    await api.ledger.saveStatus(releaseStatus(), 'run', 1);
    const before = await call(['dave', 'viewer'], 'GET', `${URL}/notes`);
    await api.ledger.saveDocument('release-notes', 'checkout/1.4.0_abc1234', '# 1.4.0');
    const after = await call(['dave', 'viewer'], 'GET', `${URL}/notes`);

    expect(before).toMatchObject({ status: 404, body: { code: 'RELEASE_NOT_FOUND' } });
    expect(after.body).toEqual({ releaseId: 'checkout/1.4.0_abc1234', notes: '# 1.4.0' });
  });
});

describe('approve and abort', () => {
  const mac = (data: Buffer): Promise<Buffer> => api.deps.kms.mac(KEY_IDS.decision, data);

  it('passes the verified approver on', async () => {
    await api.ledger.saveStatus(releaseStatus({ stage: 'approval' }), 'run', 1);

    const { body } = await call(['bob', 'approver'], 'POST', `${URL}/approve`, {});

    expect(body).toEqual({
      releaseId: 'checkout/1.4.0_abc1234',
      accepted: true,
      message: 'approved',
    });
    const [, decision] = api.orchestrator.calls.find((one) => one.method === 'approve')?.args ?? [];
    expect(decision).toMatchObject({
      actor: { subject: 'bob', roles: ['approver'] },
      reason: 'approved',
    });
    const { token } = decision as { token: string };
    expect(await verifyDecisionToken(mac, token, Date.parse(NOW))).toMatchObject({
      sub: 'bob',
      action: 'approve',
      releaseId: 'checkout/1.4.0_abc1234',
    });
  });

  it('does not let the requester approve, nor make a token for it', async () => {
    await api.ledger.saveStatus(releaseStatus({ stage: 'approval' }), 'run', 1);

    const approve = await call(['rita', 'admin'], 'POST', `${URL}/approve`, {});
    const token = await call(['rita', 'admin'], 'POST', `${URL}/decision-token`, {
      action: 'approve',
    });

    expect(approve).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect(token).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('lets a releaser abort their own release only; an operator any', async () => {
    await api.ledger.saveStatus(releaseStatus(), 'run', 1);
    const reason = { reason: 'wrong commit' };

    const other = await call(['rob', 'releaser'], 'POST', `${URL}/abort`, reason);
    const own = await call(['rita', 'releaser'], 'POST', `${URL}/abort`, reason);
    const operator = await call(['carol', 'operator'], 'POST', `${URL}/abort`, reason);

    expect([other.status, own.status, operator.status]).toEqual([403, 200, 200]);
  });

  it('answers that it has ended, whoever asks and however often', async () => {
    await api.ledger.saveStatus(releaseStatus({ outcome: 'released' }), 'run', 1);

    for (const [action, who] of [
      ['approve', ['bob', 'approver']],
      ['abort', ['rita', 'releaser']],
      ['abort', ['carol', 'operator']],
    ] as const) {
      const answer = await call(who, 'POST', `${URL}/${action}`, { reason: 'late' });

      expect(answer).toMatchObject({ status: 409, body: { code: 'ALREADY_ENDED' } });
    }
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('makes a token that permits one action on one release', async () => {
    await api.ledger.saveStatus(releaseStatus({ stage: 'approval' }), 'run', 1);

    const { body } = await call(['bob', 'approver'], 'POST', `${URL}/decision-token`, {
      action: 'approve',
    });

    const claims = await verifyDecisionToken(mac, String(body['token']), Date.parse(NOW));
    expect(claims).toMatchObject({
      sub: 'bob',
      action: 'approve',
      releaseId: 'checkout/1.4.0_abc1234',
    });
    expect(body['expiresAt']).toBe('2026-03-01T12:05:00.000Z');
  });

  it('needs a reason to abort', async () => {
    await api.ledger.saveStatus(releaseStatus(), 'run', 1);

    expect(await call(['rita', 'releaser'], 'POST', `${URL}/abort`, {})).toMatchObject({
      status: 400,
      body: { field: 'reason' },
    });
  });
});

describe('services', () => {
  it('shows the ledger while Temporal gives no answer', async () => {
    api.orchestrator.fail('ORCHESTRATOR_UNAVAILABLE', 1, 'getLane');

    const { status, body } = await call(
      ['dave', 'viewer'],
      'GET',
      '/v1/registry/services/checkout',
    );

    expect(status).toBe(200);
    expect(body).toMatchObject({ repository: 'apps/checkout/checkout', lane: null });
  });

  it('lists the catalogue', async () => {
    const { body } = await call(['dave', 'viewer'], 'GET', '/v1/registry/services');

    expect(body).toMatchObject({ services: [{ svc: 'checkout', stable: null }, { svc: 'cart' }] });
  });
});

describe('readiness', () => {
  it('names the part that is down', async () => {
    api.ledger.fail('LEDGER_UNAVAILABLE', 1, 'ping');

    const answer = await api.app.inject({ url: '/readyz' });

    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({
      ready: false,
      parts: { ledger: 'LEDGER_UNAVAILABLE', registry: 'ok', temporal: 'ok' },
    });
  });

  it('refuses the request over the limit, with when to come again', async () => {
    await api.app.close();
    api = await createTestApi({ rateLimitPerMinute: 1 });

    await call(['dave', 'viewer'], 'GET', '/v1/whoami');
    const second = await call(['dave', 'viewer'], 'GET', '/v1/whoami');

    expect(second).toMatchObject({ status: 429, body: { code: 'TOO_MANY_REQUESTS' } });
  });

  it('describes every route with its answers', async () => {
    const { paths } = (await api.app.inject({ url: '/openapi.json' })).json<{
      paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
    }>();

    expect(Object.keys(paths)).toContain('/v1/registry/promote');
    for (const [path, methods] of Object.entries(paths)) {
      if (!path.startsWith('/v1/')) continue;
      for (const route of Object.values(methods)) {
        const answers = Object.keys(route.responses).map((status) =>
          status.replace(/^2..$/, '2XX'),
        );
        expect(answers).toEqual(expect.arrayContaining(['2XX', '4XX', '5XX']));
      }
    }
  });
});
