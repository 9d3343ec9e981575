import { hashRobotSecret } from '../../../src/contract/schema/registry-token';
import type { Role } from '../../../src/domain/actor';
import { createTestApi, type TestApi } from '../../support/api-app';
import { NOW } from '../../support/api-fixtures';

const ROBOTS = '/v1/registry/robots';
const SCOPES = [{ repositories: 'apps/checkout/**', actions: ['pull', 'push'] }];

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(() => api.app.close());

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: Record<string, unknown>;
}

async function ask(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  { roles = ['operator'], payload }: { roles?: readonly Role[]; payload?: object } = {},
): Promise<Answer> {
  const answer = await api.app.inject({
    method,
    url: `${ROBOTS}${path}`,
    headers: {
      authorization: `Bearer ${await api.token('carol', roles)}`,
      'idempotency-key': 'one',
    },
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, headers: answer.headers, body: answer.json() };
}

async function create(over: object = {}, roles: readonly Role[] = ['operator']): Promise<Answer> {
  return ask('POST', '', { roles, payload: { name: 'ci', scopes: SCOPES, ...over } });
}

/** What the store was told, the name left out. */
function told(method: 'create' | 'rotate'): readonly unknown[] {
  const [call] = api.robots.calls.filter((one) => one.method === method);
  return call?.args.slice(1) ?? [];
}

describe('creating a robot', () => {
  it('answers its secret, once and to be kept by nobody on the way, and stores its hash', async () => {
    const { status, headers, body } = await create({ description: 'builds checkout' });

    expect(status).toBe(201);
    expect(headers['cache-control']).toBe('no-store');
    expect(body['secret']).toMatch(/^plr_[A-Za-z0-9_-]{43}$/);
    expect(body['robot']).toEqual({
      name: 'ci',
      kind: 'robot',
      state: 'active',
      scopes: SCOPES,
      description: 'builds checkout',
      createdBy: 'carol',
      createdAt: NOW,
      expiresAt: '2026-05-30T12:00:00.000Z',
      disabledAt: null,
      rotatedAt: null,
      lastUsedAt: null,
    });
    expect(told('create')).toEqual([hashRobotSecret(String(body['secret']))]);
    const seen = [await ask('GET', ''), await ask('GET', '/ci')];
    expect(JSON.stringify(seen)).not.toContain('secret');
    expect(JSON.stringify(api.ledger.audit)).not.toContain(body['secret']);
  });

  it('gives no two the same secret', async () => {
    const [one, two] = [await create(), await create({ name: 'ci-2' })];

    expect(one.body['secret']).not.toBe(two.body['secret']);
  });

  it('refuses a name that is taken', async () => {
    await create();

    expect(await create()).toMatchObject({ status: 409, body: { code: 'ROBOT_EXISTS' } });
  });

  it.each([
    ['name', { name: 'CI' }],
    ['name', { name: 'a'.repeat(64) }],
    ['name', { name: 'anonymous' }],
    ['kind', { kind: 'root' }],
    ['scopes', { scopes: [] }],
    ['scopes.0.repositories', { scopes: [{ repositories: 'apps/*', actions: ['pull'] }] }],
    ['scopes.0.actions', { scopes: [{ repositories: 'apps/**', actions: [] }] }],
    ['scopes.0.actions.0', { scopes: [{ repositories: 'apps/**', actions: ['admin'] }] }],
    ['expiresIn', { expiresIn: '367d' }],
    ['expiresIn', { expiresIn: 'soon' }],
    ['description', { description: 'a\u001b[2J' }],
    ['body', { secret: 'mine' }],
  ])('refuses a %s that is not good: %j', async (field, over) => {
    const { status, body } = await create(over);

    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'INVALID_INPUT', field });
  });

  it.each([{ kind: 'system' }, { kind: 'custodian' }, { expiresIn: 'never' }])(
    'leaves %j to admins',
    async (over) => {
      expect(await create(over)).toMatchObject({
        status: 403,
        body: { detail: expect.stringContaining('needs the role admin') as string },
      });
      expect(await create(over, ['admin'])).toMatchObject({ status: 201 });
    },
  );

  it('lets a robot live for ever only when an admin says so', async () => {
    const { body } = await create({ expiresIn: 'never' }, ['admin']);

    expect(body['robot']).toMatchObject({ expiresAt: null });
  });
});

describe('changing a robot', () => {
  it('rotates: a new secret, and the old one for a day', async () => {
    await create();

    const { status, headers, body } = await ask('POST', '/ci/rotate');

    const dayLater = '2026-03-02T12:00:00.000Z';
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toMatchObject({ oldSecretValidUntil: dayLater, robot: { rotatedAt: NOW } });
    expect(told('rotate')).toEqual([hashRobotSecret(String(body['secret'])), dayLater, NOW]);
  });

  it.each([
    ['0s', NOW],
    ['30d', '2026-03-31T12:00:00.000Z'],
  ])('rotates with a grace of %s', async (grace, until) => {
    await create();

    const { body } = await ask('POST', '/ci/rotate', { payload: { grace } });

    expect(body['oldSecretValidUntil']).toBe(until);
  });

  it('takes no grace over 30 days', async () => {
    await create();

    expect(await ask('POST', '/ci/rotate', { payload: { grace: '31d' } })).toMatchObject({
      status: 400,
      body: { field: 'grace' },
    });
  });

  it('disables from the first time on, and enables', async () => {
    await create();

    const disabled = await ask('POST', '/ci/disable', { payload: { reason: 'leaked' } });
    expect(disabled.body).toMatchObject({ state: 'disabled', disabledAt: NOW });
    expect((await ask('POST', '/ci/disable')).body).toMatchObject({ disabledAt: NOW });
    expect((await ask('POST', '/ci/enable')).body).toMatchObject({
      state: 'active',
      disabledAt: null,
    });
  });

  it('deletes', async () => {
    await create();

    expect(await ask('DELETE', '/ci')).toMatchObject({
      status: 200,
      body: { name: 'ci', deleted: true },
    });
    expect(await ask('GET', '/ci')).toMatchObject({ status: 404 });
  });

  it.each([
    ['GET', '/nobody'],
    ['POST', '/nobody/rotate'],
    ['POST', '/nobody/disable'],
    ['POST', '/nobody/enable'],
    ['DELETE', '/nobody'],
  ] as const)('%s %s finds none', async (method, path) => {
    expect(await ask(method, path)).toMatchObject({
      status: 404,
      body: { code: 'ROBOT_NOT_FOUND' },
    });
    expect(api.ledger.audit).toEqual([]);
  });
});

describe('who may do what', () => {
  const MUTATIONS = [
    ['POST', '/ci/rotate'],
    ['POST', '/ci/disable'],
    ['POST', '/ci/enable'],
    ['DELETE', '/ci'],
  ] as const;

  it('lets anyone who reads list robots', async () => {
    await create();

    const { body } = await ask('GET', '', { roles: ['viewer'] });

    expect(body).toMatchObject({ robots: [{ name: 'ci', state: 'active' }] });
  });

  it.each([['POST', ''], ...MUTATIONS] as const)(
    '%s %s is closed to those who only read or release',
    async (method, path) => {
      await create();
      const roles = ['viewer', 'releaser', 'approver'] as const;
      const payload = { name: 'mine', scopes: SCOPES };

      const answer = await ask(method, path, { roles, ...(path === '' && { payload }) });

      expect(answer).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    },
  );

  it.each(MUTATIONS)(
    '%s %s of a system robot is for admins: its secret writes channels',
    async (method, path) => {
      await create({ kind: 'system' }, ['admin']);

      expect(await ask(method, path)).toMatchObject({ status: 403 });
      expect(await ask(method, path, { roles: ['admin'] })).toMatchObject({ status: 200 });
    },
  );

  it('lets security disable a robot, and no more', async () => {
    await create();

    expect(await ask('POST', '/ci/disable', { roles: ['security'] })).toMatchObject({
      status: 200,
    });
    expect(await ask('POST', '/ci/enable', { roles: ['security'] })).toMatchObject({ status: 403 });
  });
});

it('puts each deed into the audit trail, a repeated rotation twice: it made two secrets', async () => {
  await create();
  await ask('POST', '/ci/rotate');
  await ask('POST', '/ci/rotate');
  await ask('POST', '/ci/disable', { payload: { reason: 'leaked' } });
  await ask('POST', '/ci/enable');
  await ask('DELETE', '/ci');

  const entries = [...api.ledger.audit].sort((a, b) => (a.action < b.action ? -1 : 1));
  expect(entries).toMatchObject([
    {
      action: 'robot.create',
      actor: 'carol',
      subject: 'ci',
      at: NOW,
      details: { kind: 'robot', scopes: ['apps/checkout/**:pull,push'] },
    },
    { action: 'robot.delete', subject: 'ci' },
    { action: 'robot.disable', details: { reason: 'leaked' } },
    { action: 'robot.enable' },
    { action: 'robot.rotate' },
    { action: 'robot.rotate' },
  ]);
});

it('shows no secret that the audit trail could not hold', async () => {
  await create();
  api.ledger.fail('LEDGER_UNAVAILABLE', 1, 'appendAudit');

  const { status, body } = await ask('POST', '/ci/rotate');

  expect(status).toBe(503);
  expect(body).not.toHaveProperty('secret');
});
