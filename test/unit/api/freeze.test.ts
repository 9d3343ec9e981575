import type { Role } from '../../../src/domain/actor';
import { createTestApi, type TestApi } from '../../support/api-app';
import { NOW } from '../../support/api-fixtures';

/** The app's clock stands on a Sunday, 2026-03-01T12:00Z. */
const WEEKEND = {
  name: 'weekend',
  reason: 'nobody on call',
  rule: 'FREQ=WEEKLY;BYDAY=FR',
  start: '2026-01-02T18:00',
  duration: '62h',
  timeZone: 'Europe/Berlin',
};

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
  roles: readonly Role[] = ['viewer', 'operator'],
): Promise<Sent> {
  const answer = await api.app.inject({
    method,
    url: `/v1/registry/${path}`,
    headers: { authorization: `Bearer ${await api.token('carol', roles)}` },
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, body: answer.json() };
}

const add = (over: object = {}): Promise<Sent> => send('POST', 'freezes', { ...WEEKEND, ...over });
const check = (svc = 'checkout'): Promise<Sent> => send('GET', `services/${svc}/freeze`);

describe('POST /v1/registry/freezes', () => {
  it('adds a freeze, shows its next three times and puts it in the audit trail', async () => {
    const { status, body } = await add();

    expect(status).toBe(201);
    expect(body).toEqual({
      name: 'weekend',
      svc: null,
      environments: ['stg', 'prod'],
      schedule: {
        kind: 'recurring',
        rule: 'FREQ=WEEKLY;BYDAY=FR',
        start: '2026-01-02T18:00:00',
        timeZone: 'Europe/Berlin',
        duration: 'PT62H',
        except: [],
      },
      reason: 'nobody on call',
      createdBy: 'carol',
      createdAt: NOW,
      deletedAt: null,
      deletedBy: null,
      deleteReason: null,
      next: [
        { from: '2026-02-27T17:00:00.000Z', to: '2026-03-02T07:00:00.000Z' },
        { from: '2026-03-06T17:00:00.000Z', to: '2026-03-09T07:00:00.000Z' },
        { from: '2026-03-13T17:00:00.000Z', to: '2026-03-16T07:00:00.000Z' },
      ],
    });
    expect(api.ledger.audit).toMatchObject([
      {
        action: 'freeze.add',
        actor: 'carol',
        svc: '*',
        subject: 'weekend',
        details: {
          reason: 'nobody on call',
          environments: ['stg', 'prod'],
          schedule: 'FREQ=WEEKLY;BYDAY=FR from 2026-01-02T18:00:00 Europe/Berlin for PT62H',
        },
      },
    ]);
  });

  it('adds one of a service and an environment, once', async () => {
    const { status, body } = await send('POST', 'freezes', {
      name: 'closing',
      svc: 'checkout',
      environments: ['prod'],
      reason: 'year-end closing',
      from: '2026-12-20',
      to: '2027-01-04T08:00',
      timeZone: 'Europe/Berlin',
    });

    expect(status).toBe(201);
    expect(body).toMatchObject({
      svc: 'checkout',
      environments: ['prod'],
      schedule: { kind: 'once', from: '2026-12-20T00:00:00', to: '2027-01-04T08:00:00' },
      next: [{ from: '2026-12-19T23:00:00.000Z', to: '2027-01-04T07:00:00.000Z' }],
    });
    expect(api.ledger.audit).toMatchObject([{ svc: 'checkout', subject: 'closing' }]);
  });

  it('shows a rule that comes true in years only', async () => {
    const { body } = await add({ rule: 'FREQ=YEARLY', start: '2024-02-29', duration: 'P1D' });

    expect(body['next']).toEqual([
      { from: '2028-02-28T23:00:00.000Z', to: '2028-02-29T23:00:00.000Z' },
      { from: '2032-02-28T23:00:00.000Z', to: '2032-02-29T23:00:00.000Z' },
      { from: '2036-02-28T23:00:00.000Z', to: '2036-02-29T23:00:00.000Z' },
    ]);
  });

  it.each<[string, object, string, string]>([
    ['rule', { rule: 'FREQ=WEEKLY;BYDAY=FRI' }, 'expected weekdays', 'FREQ=WEEKLY;BYDAY=FR'],
    ['rule', { rule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' }, 'names no time', 'FREQ=WEEKLY'],
    ['rule', { rule: 'FREQ=DAILY;UNTIL=20260101T000000Z' }, 'names no time', 'FREQ=WEEKLY'],
    ['rule', { rule: undefined }, 'neither a rule nor from and to', 'FREQ=WEEKLY;BYDAY=FR'],
    ['start', { start: 'Friday' }, 'is not a day or a time', '2026-01-02T18:00'],
    ['duration', { duration: '3 days' }, 'is not a duration', '62h'],
    ['timeZone', { timeZone: 'CEST-2' }, 'is not a known time zone', 'Europe/Berlin'],
    ['timeZone', { timeZone: undefined }, 'timeZone is missing', 'Europe/Berlin'],
    ['except', { except: ['easter'] }, 'is not a day', '2026-04-03'],
    ['from', { from: '2026-03-02' }, 'has no place beside a rule', '2026-12-20T18:00'],
  ])('refuses a wrong %s: %j, with the example of a right one', async (field, over, why, right) => {
    const { status, body } = await add(over);

    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'INVALID_INPUT',
      field,
      detail: expect.stringContaining(why) as string,
      remedy: expect.stringContaining(right) as string,
    });
    expect(await api.freezes.list({ limit: 10 })).toEqual([]);
    expect(api.ledger.audit).toEqual([]);
  });

  it.each([
    ['over', 'to', '2026-02-01', '2026-02-28', 'It was over'],
    ['the wrong way round', 'to', '2026-05-02', '2026-05-01', 'which is not after'],
  ])('refuses a stretch that is %s', async (_name, field, from, to, why) => {
    const once = { name: 'x', reason: 'x', from, to, timeZone: 'UTC' };

    const { status, body } = await send('POST', 'freezes', once);

    expect(status).toBe(400);
    expect(body).toMatchObject({ field, detail: expect.stringContaining(why) as string });
  });

  it.each([
    ['name', { name: 'Week End' }, 400],
    ['environments.0', { environments: ['dev'] }, 400],
    ['reason', { reason: ' ' }, 400],
    ['body', { kind: 'x' }, 400],
    ['svc', { svc: 'nothing' }, 404],
  ])('refuses a wrong %s', async (field, over, status) => {
    expect(await add(over)).toMatchObject({ status, body: { field } });
  });

  it('answers the same for the same freeze, and refuses another of its name', async () => {
    const first = await add();

    expect(await add()).toEqual(first);
    expect(await add({ reason: 'other' })).toMatchObject({
      status: 409,
      body: { code: 'FREEZE_EXISTS' },
    });
  });

  it.each<[Role, number]>([
    ['operator', 201],
    ['admin', 201],
    ['security', 403],
    ['approver', 403],
    ['releaser', 403],
    ['viewer', 403],
  ])('by a %s is %i', async (role, status) => {
    expect(await send('POST', 'freezes', WEEKEND, [role])).toMatchObject({ status });
  });
});

describe('freezes', () => {
  it('are listed with their next times and the stops, for a service too', async () => {
    await add();
    await add({ name: 'cart', svc: 'cart' });
    await send('POST', 'line/stop', { svc: 'cart', reason: 'bad data' });
    await send('POST', 'line/stop', { reason: 'incident' });

    const all = await send('GET', 'freezes');
    const checkout = await send('GET', 'freezes?svc=checkout');

    expect(all.body).toMatchObject({
      freezes: [{ name: 'cart' }, { name: 'weekend' }],
      stops: [{ svc: 'cart' }, { svc: null }],
    });
    expect(checkout.body).toMatchObject({
      freezes: [{ name: 'weekend', next: [{}, {}, {}] }],
      stops: [{ svc: null, reason: 'incident', by: 'carol', at: NOW }],
    });
  });

  it('are shown one by one', async () => {
    const { body } = await add();

    expect((await send('GET', 'freezes/weekend')).body).toEqual(body);
    expect(await send('GET', 'freezes/other')).toMatchObject({
      status: 404,
      body: { code: 'FREEZE_NOT_FOUND', field: 'name' },
    });
  });

  it('close nothing once they are deleted, and are shown with all', async () => {
    await add();

    const deleted = await send('POST', 'freezes/weekend/delete', { reason: 'on call again' });

    expect(deleted).toEqual({ status: 200, body: { name: 'weekend', deleted: true } });
    expect(await check()).toMatchObject({ body: { open: true } });
    expect(api.ledger.audit[0]).toMatchObject({
      action: 'freeze.delete',
      subject: 'weekend',
      details: { reason: 'on call again' },
    });
    expect((await send('GET', 'freezes?all=true')).body).toMatchObject({
      freezes: [{ deletedBy: 'carol', deleteReason: 'on call again', next: [] }],
    });
    expect(await send('POST', 'freezes/weekend/delete', { reason: 'x' })).toMatchObject({
      status: 404,
    });
  });

  it('are not for a releaser to delete', async () => {
    await add();

    const refused = await send('POST', 'freezes/weekend/delete', { reason: 'x' }, ['releaser']);

    expect(refused.status).toBe(403);
  });
});

describe('GET /v1/registry/services/{svc}/freeze', () => {
  it('says that all is open, and what closes next', async () => {
    await add({ rule: 'FREQ=WEEKLY;BYDAY=MO', start: '2026-03-02T18:00', environments: ['prod'] });

    const { body } = await check();

    expect(body).toMatchObject({
      svc: 'checkout',
      at: NOW,
      open: true,
      edges: [
        { env: 'stg', edge: 'channel', state: 'open', until: null },
        { env: 'prod', edge: 'traffic', state: 'open' },
        { env: 'prod', edge: 'pin', state: 'open' },
      ],
    });
    expect(body['next']).toHaveLength(5);
    expect((body['next'] as unknown[])[0]).toEqual({
      name: 'weekend',
      from: '2026-03-02T17:00:00.000Z',
      to: '2026-03-05T07:00:00.000Z',
      environments: ['prod'],
      reason: 'nobody on call',
    });
  });

  it('says what is closed, by whom, why and until when', async () => {
    await add({ environments: ['prod'] });

    expect((await check()).body).toMatchObject({
      open: false,
      edges: [
        { env: 'stg', state: 'open' },
        {
          env: 'prod',
          edge: 'traffic',
          state: 'frozen',
          cause: 'freeze',
          name: 'weekend',
          reason: 'nobody on call',
          by: 'carol',
          since: '2026-02-27T17:00:00.000Z',
          until: '2026-03-02T07:00:00.000Z',
        },
        { edge: 'pin', state: 'frozen' },
      ],
    });
  });

  it('is an error while Postgres does not answer', async () => {
    api.freezes.fail('LEDGER_UNAVAILABLE', 1, 'covering');

    expect(await check()).toMatchObject({ status: 503 });
  });

  it('knows no service that is not in the catalogue', async () => {
    expect(await check('nothing')).toMatchObject({ status: 404 });
  });
});

describe('the line', () => {
  it('is stopped for all at once, and goes on', async () => {
    const stop = await send('POST', 'line/stop', { reason: 'incident 4711' });
    expect(stop).toEqual({
      status: 200,
      body: { svc: null, reason: 'incident 4711', by: 'carol', at: NOW },
    });
    expect((await check()).body).toMatchObject({
      open: false,
      edges: [{ cause: 'stop', until: null }, { cause: 'stop' }, { cause: 'stop' }],
    });

    const resumed = await send('POST', 'line/resume', { reason: 'over' });
    expect(resumed.body).toEqual({ svc: null, resumed: true, stops: [] });
    expect((await check()).body).toMatchObject({ open: true });
    expect(api.ledger.audit).toMatchObject([
      { action: 'line.resume', svc: '*', subject: 'line', details: { reason: 'over' } },
      { action: 'line.stop', svc: '*', subject: 'line', details: { reason: 'incident 4711' } },
    ]);
  });

  it('is stopped for one service apart from the others', async () => {
    await send('POST', 'line/stop', { svc: 'checkout', reason: 'bad data' });

    expect((await check('cart')).body).toMatchObject({ open: true });
    expect((await check('checkout')).body).toMatchObject({ open: false });
    expect(api.ledger.audit).toMatchObject([{ svc: 'checkout', subject: 'checkout' }]);
  });

  it('says what is still stopped, and when nothing was', async () => {
    await send('POST', 'line/stop', { svc: 'checkout', reason: 'bad data' });

    const { body } = await send('POST', 'line/resume', { reason: 'over' });

    expect(body).toMatchObject({ svc: null, resumed: false, stops: [{ svc: 'checkout' }] });
    expect(api.ledger.audit).toHaveLength(1);
  });

  it.each(['line/stop', 'line/resume'])('%s is for operators, with a reason', async (path) => {
    expect(await send('POST', path, { reason: 'x' }, ['releaser'])).toMatchObject({ status: 403 });
    expect(await send('POST', path, {})).toMatchObject({ status: 400, body: { field: 'reason' } });
    expect(await send('POST', path, { svc: 'nothing', reason: 'x' })).toMatchObject({
      status: 404,
    });
  });
});
