import type { Role } from '../../../src/domain/actor';
import { allowListOf } from '../../../src/domain/admission/allow-policy';
import { judgeRegistryName } from '../../../src/domain/admission/registry-name';
import { daysFromNow } from '../../support/allow-facts';
import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, NOW, POLICY, releaseStatus } from '../../support/api-fixtures';

const DIGEST = fakeDigest('checkout');
const REPO = 'apps/checkout/checkout';
const IMAGE = `${REPO}@${DIGEST}`;
const STABLE = { env: 'prod', tag: 'stable' } as const;
const GRANT = {
  image: IMAGE,
  namespace: 'load-test-dev',
  owner: 'team-payments',
  reason: 'load test',
  expiresIn: '2d',
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

interface From {
  readonly as?: string;
  readonly roles?: readonly Role[];
  readonly key?: string;
}

async function send(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  payload?: object,
  { as = 'erin', roles = ['viewer', 'security'], key }: From = {},
): Promise<Sent> {
  const answer = await api.app.inject({
    method,
    url: `/v1/registry/${path}`,
    headers: {
      authorization: `Bearer ${await api.token(as, roles)}`,
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, body: answer.json() };
}

const OPERATOR: From = { as: 'olga', roles: ['viewer', 'operator'] };
const grant = (over: object = {}, from: From = {}): Promise<Sent> =>
  send('POST', 'grants', { ...GRANT, ...over }, from);
const why = (namespace: string, image = IMAGE): Promise<Sent> =>
  send('GET', `why?image=${encodeURIComponent(image)}&namespace=${namespace}`);

async function release(): Promise<void> {
  await api.ledger.saveStatus(releaseStatus({ digest: DIGEST, outcome: 'released' }), 'run', 1);
  await api.pin('checkout', STABLE, DIGEST);
}

describe('POST /v1/registry/grants', () => {
  it('lets a digest run for a time, with who and why in the audit trail', async () => {
    const { status, body } = await grant({}, OPERATOR);

    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      repository: REPO,
      digest: DIGEST,
      namespaces: 'load-test-dev',
      environment: null,
      owner: 'team-payments',
      reason: 'load test',
      grantedBy: 'olga',
      grantedAt: NOW,
      expiresAt: daysFromNow(2),
      revokedAt: null,
      revokedBy: null,
      revokeReason: null,
    });
    expect((await why('load-test-dev')).body).toMatchObject({
      allowed: true,
      expiresAt: daysFromNow(2),
    });
    expect(api.ledger.audit).toMatchObject([
      {
        action: 'grant.add',
        actor: 'olga',
        svc: 'checkout',
        subject: IMAGE,
        details: { id: body['id'], owner: 'team-payments', expiresAt: daysFromNow(2) },
      },
    ]);
  });

  it('gives one grant to a repeated request', async () => {
    const first = await grant({}, { key: 'k1' });
    const again = await grant({}, { key: 'k1' });
    const other = await grant({}, { key: 'k2' });

    expect(again.body['id']).toBe(first.body['id']);
    expect(other.body['id']).not.toBe(first.body['id']);
    expect(api.ledger.audit).toHaveLength(2);
  });

  it.each([
    ['prod', { namespace: 'shop-prod' }],
    ['the environment prod', { namespace: undefined, environment: 'prod' }],
    ['a namespace of no environment', { namespace: 'tools' }],
    ['a pattern', { namespace: 'dev-*' }],
  ])('takes security for %s, and never who answers for it', async (_name, over) => {
    const operator = await grant(over, OPERATOR);
    const own = await grant({ ...over, owner: 'Erin' });
    const security = await grant(over);

    expect([operator.status, own.status, security.status]).toEqual([403, 403, 201]);
    expect(own.body).toMatchObject({ code: 'FORBIDDEN', field: 'owner' });
  });

  it('lets people grant to themselves where it is not prod', async () => {
    expect((await grant({ owner: 'olga' }, OPERATOR)).status).toBe(201);
  });

  it.each([
    ['a whole repository', { image: REPO }, 'image'],
    ['a tag', { image: `${REPO}:1.0.0` }, 'image'],
    ['what is no image', { image: 'checkout sha256:x' }, 'image'],
    ['neither namespace nor environment', { namespace: undefined }, 'namespace'],
    ['both', { environment: 'dev' }, 'namespace'],
    ['a namespace that is none', { namespace: 'Load_Test' }, 'namespace'],
    ['longer than the policy allows', { expiresIn: '31d' }, 'expiresIn'],
    ['no time', { expiresIn: 'soon' }, 'expiresIn'],
    ['nobody who answers for it', { owner: ' ' }, 'owner'],
    ['no reason', { reason: '' }, 'reason'],
  ])('refuses %s', async (_name, over, field) => {
    const { status, body } = await grant(over);

    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'INVALID_INPUT', field });
    expect(api.ledger.audit).toEqual([]);
  });

  it('is not for releasers', async () => {
    expect((await grant({}, { as: 'rita', roles: ['viewer', 'releaser'] })).status).toBe(403);
  });
});

describe('DELETE /v1/registry/grants/{id}', () => {
  it('ends a grant, and says so in the trail', async () => {
    const { body } = await grant();
    const id = String(body['id']);

    const path = `grants/${id}?reason=over`;
    const { status, body: revoked } = await send('DELETE', path, undefined, OPERATOR);

    expect(status).toBe(200);
    expect(revoked).toMatchObject({ revokedAt: NOW, revokedBy: 'olga', revokeReason: 'over' });
    expect((await why('load-test-dev')).body).toMatchObject({ allowed: false });
    expect((await send('GET', 'grants')).body).toEqual({ grants: [] });
    expect((await send('GET', 'grants?all=true')).body).toEqual({ grants: [revoked] });
    expect(api.ledger.audit[0]).toMatchObject({ action: 'grant.revoke', subject: IMAGE });
  });

  it('knows no other, and takes a reason', async () => {
    const unknown = await send('DELETE', 'grants/x?reason=over');
    const silent = await send('DELETE', 'grants/x');

    expect(unknown).toMatchObject({ status: 404, body: { code: 'GRANT_NOT_FOUND' } });
    expect(silent).toMatchObject({ status: 400, body: { field: 'reason' } });
  });
});

describe('/v1/registry/denials', () => {
  it('keep out what a channel lets in, until they are lifted', async () => {
    await release();
    const denied = await send('POST', 'denials', { image: IMAGE, reason: 'leaks data' });

    expect(denied).toMatchObject({
      status: 201,
      body: { digest: DIGEST, repository: REPO, by: 'erin', at: NOW, liftedAt: null },
    });
    expect((await why('shop-prod')).body).toMatchObject({ allowed: false });
    expect((await send('GET', 'denials')).body['denials']).toEqual([denied.body]);

    const lifted = await send('DELETE', `denials/${DIGEST}?reason=mended`);

    expect(lifted).toEqual({ status: 200, body: { digest: DIGEST, lifted: true } });
    expect((await why('shop-prod')).body).toMatchObject({ allowed: true });
    expect(api.ledger.audit.map(({ action, svc }) => [action, svc])).toEqual([
      ['denial.lift', '*'],
      ['denial.add', 'checkout'],
    ]);
  });

  it('are of a digest alone too', async () => {
    const denied = await send('POST', 'denials', { image: DIGEST, reason: 'leaks data' });

    expect(denied).toMatchObject({ status: 201, body: { digest: DIGEST, repository: null } });
  });

  it('are lifted once', async () => {
    const answer = await send('DELETE', `denials/${DIGEST}?reason=mended`);

    expect(answer).toMatchObject({ status: 409, body: { code: 'NOT_DENIED' } });
  });

  it('are for security', async () => {
    const add = await send('POST', 'denials', { image: IMAGE, reason: 'x' }, OPERATOR);
    const lift = await send('DELETE', `denials/${DIGEST}?reason=x`, undefined, OPERATOR);

    expect([add.status, lift.status]).toEqual([403, 403]);
  });
});

describe('GET /v1/registry/why, of the registry that an image names', () => {
  const step = (state: string, text: string): object => ({ check: 'registry', state, text });

  it.each(['registry.example:5000', 'registry.alias', 'Registry.ALIAS'])(
    'takes an image as a workload names it: %s',
    async (host) => {
      await release();

      const { body } = await why('shop-prod', `${host}/${IMAGE}`);

      const said = step('ok', `${host.toLowerCase()} is ours`);
      expect(body).toMatchObject({ repository: REPO, allowed: true });
      expect(body['steps']).toContainEqual(said);
    },
  );

  it('says what an image without one is taken for', async () => {
    await release();

    const { body } = await why('shop-prod');

    expect(body).toMatchObject({ allowed: true, evidence: 'holds' });
    expect(body['steps']).toContainEqual(
      step(
        'none',
        'names none: taken for registry.example:5000 or registry.alias, which a workload has to name',
      ),
    );
  });

  it.each([
    ['another host', `evil.example/${IMAGE}`, 'evil.example', DIGEST],
    ['another port', `registry.example:5001/${IMAGE}`, 'registry.example:5001', DIGEST],
    ['a tag, which is not looked for here', 'docker.io/library/nginx:1.29', 'docker.io', null],
  ])('refuses what admission refuses by its name: %s', async (_what, image, host, digest) => {
    await release();

    const { status, body } = await why('shop-prod', image);

    expect(status).toBe(200);
    expect(body).toMatchObject({ digest, environment: 'prod', allowed: false, expiresAt: null });
    expect(body['steps']).toEqual([
      step('blocks', judgeRegistryName(host, api.deps.registryNames!)!.message),
    ]);
  });

  it('does not know where the API does not know the names', async () => {
    Object.assign(api.deps, { registryNames: null });
    await release();

    const { body } = await why('shop-prod', `registry.example:5000/${IMAGE}`);
    const { body: plain } = await why('shop-prod');

    expect(body).toMatchObject({ allowed: true, evidence: 'unknown' });
    expect(body['steps']).toContainEqual(
      step(
        'unknown',
        'whether registry.example:5000 is ours is not known: PLURA_ADMISSION of the API is not set',
      ),
    );
    expect(plain).toMatchObject({ allowed: true, evidence: 'holds' });
    expect(plain['steps']).toContainEqual(step('none', 'names none: taken for ours'));
  });
});

describe('GET /v1/registry/why', () => {
  it('answers with every step for an image of a release', async () => {
    await release();

    const { status, body } = await why('shop-prod');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      image: IMAGE,
      repository: REPO,
      digest: DIGEST,
      namespace: 'shop-prod',
      environment: 'prod',
      allowed: true,
      expiresAt: null,
      at: NOW,
    });
    expect(body['steps']).toEqual(
      expect.arrayContaining([
        { check: 'digest', state: 'ok', text: 'named by its digest' },
        { check: 'binding', state: 'ok', text: `it belongs to ${REPO}` },
        {
          check: 'channel',
          state: 'allows',
          text: `prod:stable of checkout points at it since ${NOW}`,
        },
      ]),
    );
  });

  it('says what a tag points at, and goes on with that', async () => {
    await release();
    const digest = api.registry.pushImage({ repository: REPO });
    await api.registry.putTag({ repository: REPO, digest }, 'v1');

    const { body } = await why('shop-prod', `${REPO}:v1`);

    expect(body).toMatchObject({ digest, allowed: false });
    expect(body['steps']).toContainEqual({
      check: 'digest',
      state: 'none',
      text: `a tag, which points at ${digest} now`,
    });
  });

  it('judges by the policy of the API', async () => {
    await api.app.close();
    const namespaces = { dev: [], stg: [], prod: ['shop'] };
    const admission = { allowList: { ...allowListOf({}), namespaces } };
    api = await createTestApi({ policy: { ...POLICY, admission } });
    await release();

    expect((await why('shop')).body).toMatchObject({ allowed: true, environment: 'prod' });
    expect((await why('shop-prod')).body).toMatchObject({ allowed: false, environment: null });
  });

  it.each([
    ['an absent tag', `${REPO}:gone`, 404, 'TAG_NOT_FOUND'],
    ['neither tag nor digest', REPO, 400, 'INVALID_INPUT'],
    ['no image', 'A b', 400, 'INVALID_INPUT'],
  ])('refuses %s', async (_name, image, status, code) => {
    expect(await why('prod', image)).toMatchObject({ status, body: { code } });
  });

  it('says so when the ledger does not answer', async () => {
    api.allowList.fail('LEDGER_UNAVAILABLE', 1, 'facts');

    expect(await why('prod')).toMatchObject({ status: 503, body: { code: 'LEDGER_UNAVAILABLE' } });
  });
});
