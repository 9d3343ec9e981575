import type { Role } from '../../../src/domain/actor';
import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, NOW, releaseStatus } from '../../support/api-fixtures';
import { coveredEvidence, coveredFinding } from '../../support/exceptions';

const DIGEST = fakeDigest('checkout');
const ASKED = {
  vulnerability: 'cve-2026-0001',
  package: 'pkg:npm/qs@6.5.2',
  svc: 'checkout',
  reason: 'not reachable',
  owner: 'erin',
  expires: '2026-04-01',
};
const GLASS = { kind: 'break-glass', svc: 'checkout', expires: '4h' };

let api: TestApi;
let now = NOW;

beforeEach(async () => {
  now = NOW;
  api = await createTestApi({ now: () => new Date(now) });
});

afterEach(async () => {
  await api.app.close();
});

interface Sent {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function send(
  method: 'GET' | 'POST',
  path: string,
  payload?: object,
  as = 'rita',
  roles: readonly Role[] = ['releaser'],
  key?: string,
): Promise<Sent> {
  const answer = await api.app.inject({
    method,
    url: `/v1/registry/exceptions${path}`,
    headers: {
      authorization: `Bearer ${await api.token(as, roles)}`,
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, body: answer.json() };
}

const ask = (
  over: object = {},
  roles: readonly Role[] = ['releaser'],
  as = 'rita',
): Promise<Sent> => send('POST', '', { ...ASKED, ...over }, as, roles);
const settle = (
  id: unknown,
  verb: 'approve' | 'revoke',
  as = 'sam',
  roles: readonly Role[] = ['security'],
): Promise<Sent> => send('POST', `/${String(id)}/${verb}`, { reason: 'looked at it' }, as, roles);

describe('asking for an exception', () => {
  it('says what it is for and until when, and covers nothing yet', async () => {
    const { status, body } = await ask();

    expect(status).toBe(201);
    expect(body).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      ...{ kind: 'standard', state: 'requested', secondsLeft: 0, left: '' },
      ...{ vulnerability: 'CVE-2026-0001', package: 'pkg:npm/qs', version: '6.5.2' },
      ...{ svc: 'checkout', expiresAt: '2026-04-01T00:00:00.000Z', requestedBy: 'rita' },
    });
    expect(await api.ledger.listExceptions('checkout')).toEqual([]);
    expect(api.ledger.audit[0]).toMatchObject({ action: 'exception.request', actor: 'rita' });
  });

  it('is the same one when it is asked for again with its key', async () => {
    const first = await send('POST', '', ASKED, 'rita', ['releaser'], 'key-1');
    const again = await send('POST', '', ASKED, 'rita', ['releaser'], 'key-1');

    expect(again.body).toEqual(first.body);
    const { body } = await send('GET', '');
    expect(body['exceptions']).toHaveLength(1);
  });

  it.each([
    ['a day that is over', { expires: '2026-03-01' }, 'expires', 400],
    ['more than the policy allows', { expires: '91d' }, 'expires', 400],
    ['a time without an offset', { expires: '2026-04-01T00:00' }, 'expires', 400],
    ['two versions', { version: '6.5.3' }, 'version', 400],
    ['another service', { svc: 'nobody' }, 'svc', 404],
    ['what is no vulnerability', { vulnerability: 'all of them' }, 'vulnerability', 400],
    ['no package', { package: ' ' }, 'package', 400],
    ['no reason', { reason: '' }, 'reason', 400],
    ['what is not known', { forever: true }, '', 400],
  ])('refuses %s', async (_, over, field, status) => {
    const sent = await ask(over);

    expect(sent.status).toBe(status);
    expect(JSON.stringify(sent.body)).toContain(field);
  });

  it.each([
    [['viewer'], ASKED, 403],
    [['approver'], ASKED, 403],
    [['operator'], ASKED, 201],
    [['break-glass'], ASKED, 403],
    [['break-glass', 'releaser'], ASKED, 201],
    [['security'], { ...ASKED, ...GLASS }, 403],
    [['admin'], { ...ASKED, ...GLASS }, 403],
    [['break-glass'], { ...ASKED, ...GLASS }, 201],
    [['break-glass'], { ...ASKED, ...GLASS, expires: '25h' }, 400],
  ] as const)('by %j of %j answers %i', async (roles, body, status) => {
    expect((await ask(body, roles)).status).toBe(status);
  });
});

describe('approving an exception', () => {
  it('lets it cover what it is for until its end, with a countdown', async () => {
    const { body: asked } = await ask();

    const { status, body } = await settle(asked['id'], 'approve');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ state: 'approved', approvedBy: 'sam', left: '30d 12h', secondsLeft: 2_635_200 },
    });
    const [listed] = await api.ledger.listExceptions('checkout');
    expect(listed).toMatchObject({ vulnerabilityId: 'CVE-2026-0001', packageName: 'pkg:npm/qs' });
    expect(api.ledger.audit[0]).toMatchObject({ action: 'exception.approve', actor: 'sam' });
  });

  it.each([
    ['who asked for it', 'rita', 403],
    ['its owner', 'erin', 403],
    ['somebody else', 'sam', 200],
  ])('by %s', async (_, as, status) => {
    const { body } = await ask();

    expect((await settle(body['id'], 'approve', as)).status).toBe(status);
  });

  it.each([
    ['releaser', 403],
    ['operator', 403],
    ['approver', 403],
    ['break-glass', 403],
    ['security', 200],
  ] as const)('as %s', async (role, status) => {
    const { body } = await ask();

    expect((await settle(body['id'], 'approve', 'sam', [role])).status).toBe(status);
  });

  it('answers the same again, and says conflict to another', async () => {
    const { body: asked } = await ask();
    const first = await settle(asked['id'], 'approve');

    const again = await settle(asked['id'], 'approve');
    const other = await settle(asked['id'], 'approve', 'tina');

    expect(again).toEqual(first);
    expect(other).toMatchObject({ status: 409, body: { code: 'EXCEPTION_SETTLED' } });
  });

  it('comes too late at its end, and is not there where it is not', async () => {
    const { body: asked } = await ask({ expires: '1h' });
    now = '2026-03-01T13:00:00.000Z';

    const sent = await api.app.inject({
      method: 'POST',
      url: `/v1/registry/exceptions/${String(asked['id'])}/approve`,
      headers: { authorization: `Bearer ${await api.token('sam', ['security'])}` },
      payload: { reason: 'looked at it' },
    });

    expect(sent.statusCode).toBe(409);
    expect((await settle('none', 'approve')).body).toMatchObject({ code: 'EXCEPTION_NOT_FOUND' });
  });

  it('breaks the glass with two of its role, and says so in the audit trail', async () => {
    const { body: asked } = await ask(GLASS, ['break-glass']);

    const security = await settle(asked['id'], 'approve', 'sam', ['security']);
    const own = await settle(asked['id'], 'approve', 'rita', ['break-glass']);
    const second = await settle(asked['id'], 'approve', 'sam', ['break-glass']);

    expect([security.status, own.status, second.status]).toEqual([403, 403, 200]);
    expect(second.body).toMatchObject({ kind: 'break-glass', left: '4h 0m' });
    expect(api.ledger.audit[0]).toMatchObject({ action: 'exception.break-glass', actor: 'sam' });
  });

  it('does not need Temporal: the run that tells people comes later', async () => {
    const { body: asked } = await ask();
    api.orchestrator.fail('ORCHESTRATOR_UNAVAILABLE', 1);

    expect((await settle(asked['id'], 'approve')).status).toBe(200);
  });
});

describe('revoking an exception', () => {
  it('ends it at once, and only once', async () => {
    const { body: asked } = await ask();
    await settle(asked['id'], 'approve');

    const { status, body } = await settle(asked['id'], 'revoke', 'olga', ['operator']);

    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'revoked', revokedBy: 'olga', revokedAt: NOW, left: '' });
    const again = await settle(asked['id'], 'revoke', 'tina');
    expect(again).toMatchObject({ status: 409, body: { code: 'EXCEPTION_SETTLED' } });
    const [listed] = await api.ledger.listExceptions('checkout');
    expect(listed).toMatchObject({ revokedAt: NOW });
  });

  it('is not for a releaser', async () => {
    const { body: asked } = await ask();

    expect((await settle(asked['id'], 'revoke', 'rita', ['releaser'])).status).toBe(403);
  });
});

describe('reading exceptions', () => {
  it('shows which digests rest on one, and the channels that point at them', async () => {
    const { body: asked } = await ask();
    const id = String(asked['id']);
    await settle(id, 'approve');
    const status = releaseStatus({ digest: DIGEST, outcome: 'released' });
    await api.ledger.saveStatus(status, 'run', 1);
    await api.pin('checkout', { env: 'prod', tag: 'stable' }, DIGEST);
    const evidence = coveredEvidence(coveredFinding({ exceptionId: id }));
    const scan = { gate: 'scan', subject: DIGEST, outcome: 'pass', reasons: [], evidence } as const;
    await api.ledger.recordVerdict(status.releaseId, 'run', 'h', scan, NOW);

    const { body } = await send('GET', `/${id}`, undefined, 'vic', ['viewer']);

    expect(body).toMatchObject({
      state: 'approved',
      covers: [{ svc: 'checkout', digest: DIGEST, channels: ['prod:stable'] }],
    });
  });

  it('lists those of a service, ended ones when asked', async () => {
    await ask();
    await ask({ svc: undefined, vulnerability: 'GHSA-aaaa-bbbb-cccc' });
    await ask({ expires: '1h' });
    now = '2026-03-01T13:00:00.000Z';
    const token = `Bearer ${await api.token('vic', ['viewer'])}`;
    const list = async (query: string): Promise<number> => {
      const url = `/v1/registry/exceptions${query}`;
      const answer = await api.app.inject({ url, headers: { authorization: token } });
      return answer.json<{ exceptions: readonly unknown[] }>().exceptions.length;
    };

    expect(await list('')).toBe(2);
    expect(await list('?svc=cart')).toBe(1);
    expect(await list('?all=true')).toBe(3);
    expect(await list('?limit=1')).toBe(1);
  });
});
