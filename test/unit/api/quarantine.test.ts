import type { Role } from '../../../src/domain/actor';
import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, LABELS, NOW } from '../../support/api-fixtures';
import { record, REPO } from './inventory-fixtures';

const INDEX = fakeDigest('index');
const CHILD = fakeDigest('child');
const OTHER = fakeDigest('other');
const REASON = 'remote code execution';

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
  await record(api, { digest: CHILD });
  await record(api, { digest: INDEX, tag: '1.4.0_abc1234', children: [CHILD] });
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
): Promise<Sent> {
  const answer = await api.app.inject({
    method,
    url: `/v1/registry/quarantine${path}`,
    headers: { authorization: `Bearer ${await api.token('erin', roles)}` },
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, body: answer.json() };
}

const add = (over: object = {}): Promise<Sent> =>
  send('POST', '', { digest: CHILD, reason: REASON, cves: ['CVE-2026-1234'], ...over });

describe('POST /v1/registry/quarantine', () => {
  it('puts a digest under quarantine and says where it is', async () => {
    const { status, body } = await add();

    expect(status).toBe(200);
    expect(body).toMatchObject({
      digest: CHILD,
      entry: { digest: CHILD, reason: REASON, cves: ['CVE-2026-1234'], actor: 'erin', at: NOW },
      block: { cause: CHILD, since: NOW, graceUntil: null },
    });
    expect(body['places']).toEqual(
      expect.arrayContaining([
        { repository: REPO, digest: INDEX, tags: ['1.4.0_abc1234'] },
        { repository: REPO, digest: CHILD, tags: [] },
      ]),
    );
    expect(api.ledger.audit).toMatchObject([
      { action: 'digest.quarantine', actor: 'erin', svc: 'checkout', subject: CHILD },
    ]);
  });

  it('takes a digest that was never pushed', async () => {
    expect(await add({ digest: OTHER })).toMatchObject({ status: 200, body: { places: [] } });
  });

  it.each([
    ['what a channel points at', CHILD],
    ['an image in the index that a channel points at', INDEX],
  ])('gives grace to %s', async (_case, running) => {
    api.quarantine.running.add(running);

    const { body } = await add();

    expect(body).toMatchObject({ entry: { graceUntil: '2026-03-01T13:00:00.000Z' } });
  });

  it('gives none where the policy has none', async () => {
    await api.app.close();
    const { policy } = api.deps;
    const quarantine = { ...policy.registry.quarantine, runningGraceMs: 0 };
    api = await createTestApi({
      policy: { ...policy, registry: { ...policy.registry, quarantine } },
    });
    api.quarantine.running.add(CHILD);

    expect(await add()).toMatchObject({ body: { entry: { graceUntil: null } } });
  });

  it('keeps the first entry with the advisories of both', async () => {
    await add();

    const { body } = await add({ reason: 'again', cves: ['GHSA-abcd-1234-efgh', 'CVE-2026-1234'] });

    expect(body).toMatchObject({
      entry: { reason: REASON, cves: ['CVE-2026-1234', 'GHSA-abcd-1234-efgh'] },
    });
  });

  it.each([
    ['digest', { digest: 'latest' }, 'LATEST_REFUSED'],
    ['digest', { digest: 'sha256:abc' }, 'INVALID_INPUT'],
    ['reason', { reason: ' ' }, 'INVALID_INPUT'],
    ['cves.0', { cves: ['not an id'] }, 'INVALID_INPUT'],
    ['expiresAt', { expiresAt: 'soon' }, 'INVALID_INPUT'],
    ['expiresAt', { expiresAt: NOW }, 'INVALID_INPUT'],
    ['body', { kind: 'x' }, 'INVALID_INPUT'],
  ])('refuses a wrong %s: %j', async (field, over, code) => {
    const { body } = await add(over);

    expect(body).toMatchObject({ code, field });
    expect(await api.quarantine.list({ limit: 10 })).toEqual([]);
  });

  it.each<[Role, number]>([
    ['security', 200],
    ['admin', 200],
    ['operator', 403],
    ['releaser', 403],
  ])('by a %s is %i', async (role, status) => {
    const sent = await send('POST', '', { digest: CHILD, reason: REASON }, [role]);

    expect(sent.status).toBe(status);
  });
});

describe('GET /v1/registry/quarantine', () => {
  it('lists what is under quarantine, and what was with all', async () => {
    await add();
    await add({ digest: OTHER });
    await send('POST', `/${OTHER}/release`, { reason: 'wrong' });

    const open = await send('GET', '');
    const all = await send('GET', '?all=true');

    expect(open.body).toMatchObject({ entries: [{ digest: CHILD, liftedAt: null }] });
    expect(all.body).toMatchObject({
      entries: [{ digest: OTHER, liftedBy: 'erin', liftReason: 'wrong' }, { digest: CHILD }],
    });
  });

  it('says what blocks a digest that is not quarantined itself', async () => {
    await add();

    expect((await send('GET', `/${INDEX}`)).body).toMatchObject({
      entry: null,
      block: { cause: CHILD, cves: ['CVE-2026-1234'] },
    });
  });

  it('says that a digest may be pulled', async () => {
    expect((await send('GET', `/${OTHER}`)).body).toEqual({
      digest: OTHER,
      entry: null,
      block: null,
      places: [],
    });
  });

  it('is an error when Postgres can not be asked', async () => {
    api.gatewayState.fail('LEDGER_UNAVAILABLE', 1, 'read');

    expect(await send('GET', `/${CHILD}`)).toMatchObject({ status: 503 });
  });
});

describe('POST /v1/registry/quarantine/{digest}/release', () => {
  it('lifts it, for what it spread to as well', async () => {
    await add();

    const lifted = await send('POST', `/${CHILD}/release`, { reason: 'wrong finding' });

    expect(lifted).toEqual({ status: 200, body: { digest: CHILD, block: null } });
    expect((await send('GET', `/${INDEX}`)).body).toMatchObject({ block: null });
    expect(api.ledger.audit[0]).toMatchObject({ action: 'digest.release', subject: CHILD });
  });

  it('says which one to release instead of one that is blocked through it', async () => {
    await add();

    const { status, body } = await send('POST', `/${INDEX}/release`, { reason: 'x' });

    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'NOT_QUARANTINED', details: { cause: CHILD } });
    expect(body['remedy']).toContain(`plura reg quarantine release ${CHILD}`);
  });

  it('says what still blocks a digest that is released', async () => {
    await add();
    await add({ digest: INDEX });

    const { body } = await send('POST', `/${INDEX}/release`, { reason: 'x' });

    expect(body).toMatchObject({ digest: INDEX, block: { cause: CHILD } });
  });

  it('is not for an operator', async () => {
    await add();

    expect(await send('POST', `/${CHILD}/release`, { reason: 'x' }, ['operator'])).toMatchObject({
      status: 403,
    });
  });
});

describe('a registry that shows nothing of a quarantined digest', () => {
  it.each(['FORBIDDEN', 'QUARANTINED'] as const)('with %s', async (code) => {
    const digest = api.registry.pushImage({ repository: REPO, labels: LABELS });
    api.ledger.quarantined.add(digest);
    api.registry.fail(code, 1, 'resolve');

    const answer = await api.app.inject({
      method: 'POST',
      url: '/v1/registry/promote',
      headers: { authorization: `Bearer ${await api.token('rita', ['releaser'])}` },
      payload: { repo: REPO, to: 'prod:stable', digest },
    });

    expect(answer.json()).toMatchObject({ code: 'QUARANTINED', field: 'digest' });
  });

  it('is no reason to call another refusal a quarantine', async () => {
    const digest = api.registry.pushImage({ repository: REPO, labels: LABELS });
    api.registry.fail('FORBIDDEN', 1, 'resolve');

    const answer = await api.app.inject({
      method: 'POST',
      url: '/v1/registry/promote',
      headers: { authorization: `Bearer ${await api.token('rita', ['releaser'])}` },
      payload: { repo: REPO, to: 'prod:stable', digest },
    });

    expect(answer.json()).toMatchObject({ code: 'FORBIDDEN' });
  });

  it('is a check that does not hold, not an error of verify', async () => {
    const digest = api.registry.pushImage({ repository: REPO, labels: LABELS });
    api.ledger.quarantined.add(digest);
    api.registry.fail('FORBIDDEN', 10);

    const answer = await api.app.inject({
      url: `/v1/registry/verify?repo=${REPO}&digest=${digest}`,
      headers: { authorization: `Bearer ${await api.token('dave', ['viewer'])}` },
    });

    expect(answer.json()).toMatchObject({
      ok: false,
      checks: [{ name: 'verdicts' }, { name: 'standing', ok: false }],
    });
  });
});
