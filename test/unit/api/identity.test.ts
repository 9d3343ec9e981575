import { createTestApi, type TestApi, type TokenOverrides } from '../../support/api-app';
import { startedBy } from '../../support/fakes/orchestrator';

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

async function whoami(token: string | undefined): Promise<{ status: number; body: unknown }> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await api.app.inject({ url: '/v1/whoami', headers });
  return { status: answer.statusCode, body: answer.json() };
}

describe('identity', () => {
  it('knows subject and roles from the token, and leaves out roles it does not know', async () => {
    const token = await api.token('rita', ['releaser', 'emperor' as 'viewer']);

    const { status, body } = await whoami(token);

    expect(status).toBe(200);
    expect(body).toEqual({ subject: 'rita', roles: ['releaser'] });
  });

  it('asks for a token where there is none, as a problem with a remedy', async () => {
    const { status, body } = await whoami(undefined);

    expect(status).toBe(401);
    expect(body).toMatchObject({
      type: 'urn:plura-reg:error:UNAUTHENTICATED',
      title: 'Not logged in',
      status: 401,
      code: 'UNAUTHENTICATED',
      remedy: expect.stringContaining('plura login') as string,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
  });

  it.each<[string, TokenOverrides, string]>([
    ['an expired token', { expiresAt: '2026-03-01T11:00:00Z' }, 'expired'],
    ['a token for another audience', { audience: 'billing' }, '"aud"'],
    ['a token of another issuer', { issuer: 'http://evil.test' }, '"iss"'],
    ['a token signed by a foreign key', { foreignKey: true }, 'signature'],
  ])('refuses %s and says why', async (_name, over, why) => {
    const { status, body } = await whoami(await api.token('rita', ['admin'], over));

    expect(status).toBe(401);
    expect(body).toMatchObject({ detail: expect.stringContaining(why) as string });
  });

  it('refuses a token without a signature', async () => {
    const [, claims] = (await api.token('rita', ['admin'])).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');

    const { status } = await whoami(`${header}.${claims ?? ''}.`);

    expect(status).toBe(401);
  });

  it.each([
    ['POST', '/v1/registry/promote', ['viewer', 'approver', 'operator', 'security']],
    ['POST', '/v1/registry/rollback', ['viewer', 'approver', 'security']],
    ['POST', '/v1/registry/releases/checkout/1.4.0_abc1234/approve', ['viewer', 'releaser']],
    ['POST', '/v1/registry/releases/checkout/1.4.0_abc1234/abort', ['viewer', 'approver']],
    ['GET', '/v1/registry/releases/checkout/1.4.0_abc1234/revert-key', ['viewer', 'releaser']],
    ['POST', '/v1/registry/services/checkout/hold', ['viewer', 'releaser', 'approver']],
    ['POST', '/v1/registry/services/checkout/resume', ['viewer', 'releaser', 'approver']],
    ['POST', '/v1/registry/digests/x/release', ['viewer', 'releaser', 'approver']],
  ] as const)('%s %s is closed to others', async (method, url, roles) => {
    const token = await api.token('mallory', roles);

    const answer = await api.app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${token}` },
    });

    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'FORBIDDEN' });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('leaves health, metrics and the API description open', async () => {
    for (const url of ['/healthz', '/readyz', '/metrics', '/openapi.json']) {
      expect((await api.app.inject({ url })).statusCode).toBe(200);
    }
  });

  it('refuses a route that does not say who may call it', () => {
    expect(() => api.app.get('/v1/forgotten', () => 'open')).toThrow('does not say who may call');
  });
});
