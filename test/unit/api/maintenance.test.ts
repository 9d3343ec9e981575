import type { Role } from '../../../src/domain/actor';
import { createTestApi, type TestApi } from '../../support/api-app';
import { NOW } from '../../support/api-fixtures';

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

async function send(
  payload?: object,
  roles: readonly Role[] = ['viewer', 'operator'],
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await api.app.inject({
    method: payload ? 'POST' : 'GET',
    url: '/v1/registry/maintenance',
    headers: { authorization: `Bearer ${await api.token('carol', roles)}` },
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, body: answer.json() };
}

describe('maintenance mode', () => {
  it('is off at first', async () => {
    expect((await send()).body).toMatchObject({ pushes: 'open' });
  });

  it('closes pushes until they are opened', async () => {
    const closed = await send({ pushes: 'closed', reason: 'reclaiming storage' });
    const seen = await send();
    const opened = await send({ pushes: 'open', reason: 'done' });

    const mode = {
      pushes: 'closed',
      reason: 'reclaiming storage',
      by: 'carol',
      since: NOW,
      until: null,
    };
    expect(closed.body).toEqual(mode);
    expect(seen.body).toEqual(mode);
    expect(opened.body).toMatchObject({ pushes: 'open', reason: 'done' });
    expect(api.ledger.audit).toMatchObject([
      { action: 'registry.open', actor: 'carol' },
      { action: 'registry.close', actor: 'carol', svc: '*' },
    ]);
  });

  it('closes them for a time', async () => {
    const { body } = await send({ pushes: 'closed', reason: 'x', forMs: 1_800_000 });

    expect(body).toMatchObject({ until: '2026-03-01T12:30:00.000Z' });
  });

  it('shows them as open when the time is over', async () => {
    const until = '2026-03-01T11:59:59.000Z';
    await api.gatewayState.setMode({
      pushes: 'closed',
      reason: 'x',
      by: 'carol',
      since: NOW,
      until,
    });

    expect((await send()).body).toMatchObject({ pushes: 'open' });
  });

  it.each([
    ['forMs', { pushes: 'open', reason: 'x', forMs: 60_000 }],
    ['forMs', { pushes: 'closed', reason: 'x', forMs: 10 }],
    ['pushes', { pushes: 'ajar', reason: 'x' }],
    ['reason', { pushes: 'closed' }],
  ])('refuses a wrong %s: %j', async (field, payload) => {
    expect(await send(payload)).toMatchObject({ status: 400, body: { field } });
    expect((await send()).body).toMatchObject({ pushes: 'open' });
  });

  it.each<Role>(['security', 'releaser', 'viewer'])('is not for a %s', async (role) => {
    expect(await send({ pushes: 'closed', reason: 'x' }, [role])).toMatchObject({ status: 403 });
  });
});
