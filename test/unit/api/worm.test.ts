import { createWormActivities } from '../../../activities/worm';
import type { Role } from '../../../src/domain/actor';
import { quietEnvironment } from '../../support/activity-env';
import { createTestApi, type TestApi } from '../../support/api-app';
import { NOW } from '../../support/api-fixtures';
import { createFakeRegistryContent } from '../../support/fakes/registry-content';
import { LOCK, LONGER, orderOf, pushSigned, SHOP } from '../../support/worm-world';

const COPIES = '/v1/registry/incident-copies';
const REASON = 'incident 4711';

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
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
  roles: readonly Role[] = ['viewer', 'security'],
  headers: Readonly<Record<string, string>> = {},
): Promise<Sent> {
  const answer = await api.app.inject({
    method,
    url: `${COPIES}${path}`,
    headers: { authorization: `Bearer ${await api.token('erin', roles)}`, ...headers },
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, body: answer.json() };
}

/** A copy that is there, made as the workflow does. */
async function sealed(): Promise<string> {
  const { registry, worm, wormCopies, inventory, quarantine, allowList, ledger } = api;
  const content = createFakeRegistryContent(registry);
  const { image } = await pushSigned({ registry, content });
  const order = orderOf(image.digest, { requestedAt: NOW, lockUntil: '2028-01-01T00:00:00.000Z' });
  const parts = { worm, wormCopies, inventory, quarantine, allowList, ledger, content };
  const now = (): Date => new Date(NOW);
  const activities = createWormActivities({ ...parts, backend: registry, now });
  await quietEnvironment().run(() => activities.openWormCopy({ order }));
  await quietEnvironment().run(() => activities.copyWormObjects({ id: order.id, limit: 100 }));
  await quietEnvironment().run(() => activities.sealWormCopy({ id: order.id }));
  return order.id;
}

describe('POST /v1/registry/incident-copies', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const request = { image: `${SHOP}@${digest}`, reason: REASON, lockUntil: '2028-01-31T23:59:59Z' };

  it('records the copy and starts it', async () => {
    const { status, body } = await send('POST', '', request);

    const copy = { digest, repository: SHOP, reason: REASON, by: 'erin', state: 'copying' };
    expect(status).toBe(202);
    expect(body).toMatchObject({ ...copy, lockUntil: '2028-01-31T23:59:59.000Z', objects: 0 });
    expect(api.orchestrator.wormRun).toMatchObject([
      { verb: 'hold', input: { order: { id: body['id'], digest, requestedAt: NOW } } },
    ]);
    expect(api.ledger.audit).toMatchObject([
      { action: 'worm.hold', actor: 'erin', svc: 'shop', subject: digest },
    ]);
    expect((await send('GET', '')).body).toMatchObject({ copies: [{ id: body['id'] }] });
  });

  it('answers the same request again with what became of it, and starts nothing anew', async () => {
    const again = { 'idempotency-key': 'once' };
    const first = await send('POST', '', request, undefined, again);
    await api.wormCopies.giveUp(String(first.body['id']), 'a layer is gone');

    const second = await send('POST', '', request, undefined, again);

    expect(second).toMatchObject({ status: 202, body: { id: first.body['id'], state: 'failed' } });
    expect(api.orchestrator.wormRun).toHaveLength(1);
  });

  it.each([
    ['a lock that has passed', { lockUntil: NOW }, 'INVALID_INPUT', 400],
    ['a lock of a century', { lockUntil: '2126-01-01T00:00:00Z' }, 'INVALID_INPUT', 400],
    ['a tag', { image: `${SHOP}:1.0.0_abc1234` }, 'INVALID_INPUT', 400],
    ['a digest that nobody knows', { image: digest }, 'INVALID_INPUT', 400],
  ])('refuses %s', async (_what, over, code, status) => {
    expect(await send('POST', '', { ...request, ...over })).toMatchObject({
      status,
      body: { code },
    });
    expect(api.orchestrator.wormRun).toEqual([]);
  });

  it('says at once that the store is not fit', async () => {
    api.worm.fail('WORM_REFUSED', 1, 'check');

    expect(await send('POST', '', request)).toMatchObject({ status: 409 });
    expect((await send('GET', '')).body).toEqual({ copies: [] });
  });

  it.each<[Role]>([['releaser'], ['operator'], ['approver']])('is not for a %s', async (role) => {
    expect(await send('POST', '', request, [role])).toMatchObject({ status: 403 });
  });
});

describe('a copy that is there', () => {
  it('is read back, and locked for longer, never for less', async () => {
    const id = await sealed();

    const verify = await send('POST', `/${id}/verify`, {}, ['operator']);
    const longer = await send('POST', `/${id}/extend`, { lockUntil: '2029-01-01T00:00:00Z' });
    const shorter = await send('POST', `/${id}/extend`, { lockUntil: '2027-01-01T00:00:00Z' });

    expect(verify).toMatchObject({ status: 202, body: { id, started: true } });
    expect(longer).toMatchObject({ status: 202 });
    expect(shorter).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT' } });
    expect(api.orchestrator.wormRun).toMatchObject([
      { verb: 'verify', input: { id } },
      { verb: 'extend', input: { id, until: '2029-01-01T00:00:00.000Z', by: 'erin' } },
    ]);
  });

  it('is put back, where it was or elsewhere', async () => {
    const id = await sealed();

    await send('POST', `/${id}/restore`, {}, ['operator']);
    await send('POST', `/${id}/restore`, { repository: 'apps/shop/evidence', tags: true });
    const wrong = await send('POST', `/${id}/restore`, { repository: 'No Name' });

    expect(wrong).toMatchObject({ status: 400 });
    expect(api.orchestrator.wormRun).toMatchObject([
      { verb: 'restore', input: { id, repository: null, tags: false } },
      { verb: 'restore', input: { id, repository: 'apps/shop/evidence', tags: true } },
    ]);
  });

  it.each([
    ['a channel with its tags', { repository: 'channels/prod/shop', tags: true }],
    ['a channel', { repository: 'channels/prod/shop' }],
    ['bases', { repository: 'bases/shop' }],
    ['a mirror', { repository: 'mirror/shop' }],
    ['where nobody pushes to', { repository: 'elsewhere/shop' }],
  ])('is not put into %s', async (_what, request) => {
    const id = await sealed();

    const answer = await send('POST', `/${id}/restore`, request, ['operator']);

    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT' } });
    expect(api.orchestrator.wormRun).toEqual([]);
  });

  it('is exported as a tar, for security alone, and that is on record', async () => {
    const id = await sealed();
    const url = `${COPIES}/${id}/export`;
    const headers = { authorization: `Bearer ${await api.token('erin', ['security'])}` };

    const answer = await api.app.inject({ url, headers });
    const refused = await send('GET', `/${id}/export`, undefined, ['operator']);

    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('application/x-tar');
    expect(answer.rawPayload.includes('oci-layout')).toBe(true);
    expect(answer.rawPayload.length % 512).toBe(0);
    expect(refused.status).toBe(403);
    expect(api.ledger.audit).toMatchObject([{ action: 'worm.export', actor: 'erin' }]);
  });

  it('is not exported when its manifest is damaged', async () => {
    const id = await sealed();
    const copy = await api.wormCopies.get(id);
    if (copy?.manifest) api.worm.spoil(copy.manifest);

    expect(await send('GET', `/${id}/export`)).toMatchObject({
      status: 422,
      body: { code: 'WORM_CORRUPT' },
    });
  });
});

it.each(['verify', 'extend', 'restore'])('%s waits until a copy is complete', async (verb) => {
  await api.wormCopies.begin(orderOf(`sha256:${'b'.repeat(64)}`, { id: 'open', lockUntil: LOCK }));
  const body = verb === 'extend' ? { lockUntil: LONGER } : {};

  expect(await send('POST', `/open/${verb}`, body)).toMatchObject({
    status: 409,
    body: { code: 'COPY_INCOMPLETE' },
  });
  expect(await send('POST', `/none/${verb}`, body)).toMatchObject({
    status: 404,
    body: { code: 'COPY_NOT_FOUND' },
  });
});
