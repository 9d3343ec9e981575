import type { Role } from '../../../src/domain/actor';
import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, NOW, releaseStatus } from '../../support/api-fixtures';

const RELEASE = '/v1/registry/releases/checkout/1.4.0_abc1234';
const QUEUED = '/v1/registry/releases/checkout/1.5.0_abc1234';
const SERVICE = '/v1/registry/services/checkout';

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
  await api.ledger.saveStatus(releaseStatus({ stage: 'approval' }), 'run', 1);
  const queued = { releaseId: 'checkout/1.5.0_abc1234', stage: 'queued' } as const;
  await api.ledger.saveStatus(releaseStatus(queued), 'run-2', 1);
});

afterEach(() => api.app.close());

async function ask(who: string, role: Role, url: string, payload?: object): Promise<number> {
  const answer = await api.app.inject({
    method: payload ? 'POST' : 'GET',
    url,
    headers: {
      authorization: `Bearer ${await api.token(who, [role])}`,
      'idempotency-key': `${who}-1`,
    },
    ...(payload && { payload }),
  });
  return answer.statusCode;
}

describe('the audit trail', () => {
  it.each<[string, string, Role, string, object]>([
    ['lane.hold', 'carol', 'operator', `${SERVICE}/hold`, { reason: 'incident' }],
    ['lane.resume', 'carol', 'operator', `${SERVICE}/resume`, { reason: 'over' }],
    ['abort', 'carol', 'operator', `${QUEUED}/abort`, { reason: 'wrong' }],
    ['decision-token.mint', 'bob', 'approver', `${RELEASE}/decision-token`, { action: 'approve' }],
    [
      'release.request',
      'alice',
      'releaser',
      '/v1/registry/promote',
      {
        repo: 'apps/checkout/checkout',
        source: { path: 'checkout', version: '2.0.0', revision: 'abcdef1' },
      },
    ],
  ])(
    'holds %s with its actor, once for a repeated request',
    async (action, who, role, url, body) => {
      const first = await ask(who, role, url, body);
      await ask(who, role, url, body);

      expect(first).toBeLessThan(300);
      const entries = api.ledger.audit.filter((entry) => entry.action === action);
      expect(entries).toMatchObject([{ actor: who, svc: 'checkout', at: NOW }]);
    },
  );

  it('holds who was shown a revert key, and no key is shown that it could not hold', async () => {
    const revertKeyId = 'checkout/3';
    await api.ledger.saveStatus(releaseStatus({ stage: 'done', revertKeyId }), 'run', 2);
    await api.ledger.issueRevertKey(
      {
        keyId: revertKeyId,
        svc: 'checkout',
        from: fakeDigest('b'),
        to: fakeDigest('a'),
        expiresAt: NOW,
      },
      'hash',
    );

    const shown = await ask('carol', 'operator', `${RELEASE}/revert-key`);
    expect(shown).toBe(200);
    expect(api.ledger.audit).toMatchObject([{ actor: 'carol', action: 'revert-key.show' }]);
  });

  it('takes a key used again for another path or reason as another request', async () => {
    await ask('carol', 'operator', `${SERVICE}/hold`, { reason: 'a' });
    await ask('carol', 'operator', `${SERVICE}/hold`, { reason: 'b' });
    await ask('carol', 'operator', `${SERVICE}/hold?x=1`, { reason: 'b' });

    expect(api.ledger.audit.map(({ svc, details }) => [svc, details])).toEqual([
      ['checkout', { reason: 'b' }],
      ['checkout', { reason: 'b' }],
      ['checkout', { reason: 'a' }],
    ]);
  });

  it.each(['\u0000', 'x\u001b[2J', 'a\u0085b'])(
    'takes no control characters in a reason',
    async (reason) => {
      expect(await ask('carol', 'operator', `${SERVICE}/hold`, { reason })).toBe(400);
      expect(api.ledger.audit).toEqual([]);
    },
  );

  it('answers a URL that cannot be read with a problem', async () => {
    const answer = await api.app.inject({ url: '/v1/registry/releases/checkout/%E0%A4%A' });

    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json()).toMatchObject({ status: 404, code: 'INVALID_INPUT', field: 'url' });
  });

  it('holds nothing that was refused', async () => {
    const refused = await ask('dave', 'viewer', `${SERVICE}/hold`, { reason: 'mischief' });

    expect(refused).toBe(403);
    expect(api.ledger.audit).toEqual([]);
  });
});
