import { assert, asyncProperty, constantFrom, string } from 'fast-check';
import { SignJWT } from 'jose';
import { hashRobotSecret } from '../../../../src/contract/schema/registry-token';
import type { Principal } from '../../../../src/domain/registry/principal';
import { grantAccess, parseAskedScopes } from '../../../../src/domain/registry/token-scope';
import {
  createAuthenticator,
  type Authenticator,
} from '../../../../src/gateway/auth/authenticator';
import { identityPartsOf } from '../../../../src/gateway/auth/identity-parts';
import { Refused } from '../../../../src/gateway/http/refused';
import {
  basicAuth,
  CI_SCOPES,
  createTestIdentity,
  OTHER_SECRET,
  requestFor,
  robotWithSecret,
  SECRET,
  type TestIdentity,
} from '../../../support/gateway-identity';

const MANIFEST = '/v2/apps/checkout/checkout/manifests/1.4.0_abc1234';
const REALM = 'http://registry.test:5000/token';
const MINUTE_MS = 60_000;

let test: TestIdentity;
let authenticator: Authenticator;

function start(given: TestIdentity): void {
  test = given;
  authenticator = createAuthenticator(test.deps);
}

beforeEach(() => {
  start(createTestIdentity());
});

async function ask(
  authorization?: string,
  options: { readonly url?: string; readonly method?: string; readonly from?: string } = {},
): Promise<Principal> {
  const { url = MANIFEST, ...rest } = options;
  const { request, target } = requestFor(url, { authorization, ...rest });
  return authenticator.authenticate(request, target);
}

async function refusalOf(asked: Promise<unknown>): Promise<Refused> {
  const error = await asked.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof Refused) return error;
  throw new Error('it was not refused', { cause: error });
}

/** A token as the token endpoint gives it to `ci`. */
async function tokenFor(...scopes: readonly string[]): Promise<string> {
  const { logins, tokens } = identityPartsOf(test.deps);
  const credential = { kind: 'password', name: 'ci', secret: SECRET } as const;
  const { identity, source } = await logins.login({ credential, remoteAddress: '', challenge: '' });
  const access = grantAccess(parseAskedScopes(scopes), identity.scopes);
  const minted = await tokens.mint(identity, source.id, access);
  return `Bearer ${minted?.token ?? ''}`;
}

describe('who shows nothing', () => {
  it('is anonymous and may do nothing, unless the policy opens something', async () => {
    expect(await ask()).toMatchObject({ kind: 'anonymous', scopes: [] });

    start(createTestIdentity({ anonymousPull: ['bases'] }));
    expect(await ask()).toMatchObject({
      kind: 'anonymous',
      scopes: [
        { repositories: 'bases', actions: ['pull'] },
        { repositories: 'bases/**', actions: ['pull'] },
      ],
    });
  });

  it('needs no snapshot', async () => {
    test.setAvailable(false);

    expect(await ask()).toMatchObject({ kind: 'anonymous' });
  });

  it.each(['/token', '/healthz', '/metrics', '/notifications'])(
    'is whoever asks for %s, whatever they show',
    async (url) => {
      const principal = await ask('Bearer something-else', { url });

      expect(principal).toMatchObject({ kind: 'anonymous' });
    },
  );
});

describe('Basic', () => {
  it('knows a robot by name and secret', async () => {
    expect(await ask(basicAuth('ci', SECRET))).toMatchObject({
      name: 'ci',
      kind: 'robot',
      scopes: CI_SCOPES,
    });
  });

  it.each([
    ['a wrong secret', basicAuth('ci', OTHER_SECRET)],
    ['an unknown robot', basicAuth('nobody', SECRET)],
    ['the hash in place of the secret', basicAuth('ci', hashRobotSecret(SECRET))],
    ['no secret', basicAuth('ci', '')],
    ['no name', basicAuth('', SECRET)],
    ['no colon', `Basic ${Buffer.from('ci').toString('base64')}`],
    ['no base64', 'Basic c:i'],
    ['a name of an object', basicAuth('__proto__', SECRET)],
    ['another scheme', 'Negotiate abc'],
    ['no scheme', SECRET],
    ['far too much', `Basic ${'A'.repeat(20_000)}`],
  ])('refuses %s with the one answer', async (_what, authorization) => {
    const refusal = await refusalOf(ask(authorization));

    expect(refusal).toMatchObject({
      status: 401,
      refusal: { rule: 'login', code: 'UNAUTHORIZED' },
    });
    expect(refusal.message).toBe('Name or secret is wrong');
    expect(refusal.headers['www-authenticate']).toBe(
      `Bearer realm="${REALM}",service="plura-registry",scope="repository:apps/checkout/checkout:pull"`,
    );
  });

  it.each([
    ['robot-disabled', { disabledAt: '2026-02-02T00:00:00.000Z' }],
    ['robot-expired', { expiresAt: '2026-03-01T12:00:00.000Z' }],
  ])('says %s only to who has the secret', async (rule, over) => {
    test.setRobots(robotWithSecret(over));

    expect(await refusalOf(ask(basicAuth('ci', SECRET)))).toMatchObject({ refusal: { rule } });
    expect(await refusalOf(ask(basicAuth('ci', OTHER_SECRET)))).toMatchObject({
      refusal: { rule: 'login' },
    });
  });

  it('takes a rotated secret until its grace ends, and the new one', async () => {
    const validUntil = '2026-03-01T12:01:00.000Z';
    test.setRobots(
      robotWithSecret({
        secrets: [
          { hash: hashRobotSecret(OTHER_SECRET), validUntil: null },
          { hash: hashRobotSecret(SECRET), validUntil },
        ],
      }),
    );

    await expect(ask(basicAuth('ci', SECRET))).resolves.toMatchObject({ name: 'ci' });
    await expect(ask(basicAuth('ci', OTHER_SECRET))).resolves.toMatchObject({ name: 'ci' });
    test.advance(MINUTE_MS);
    expect(await refusalOf(ask(basicAuth('ci', SECRET)))).toMatchObject({
      refusal: { rule: 'secret-rotated' },
    });
    await expect(ask(basicAuth('ci', OTHER_SECRET))).resolves.toMatchObject({ name: 'ci' });
  });

  it('records the last use of a robot, many logins as one', async () => {
    await ask(basicAuth('ci', SECRET));
    test.advance(1000);
    await ask(basicAuth('ci', SECRET));
    await refusalOf(ask(basicAuth('nobody', SECRET)));

    await authenticator.close();

    expect(test.uses).toEqual([{ name: 'ci', at: '2026-03-01T12:00:01.000Z' }]);
  });
});

describe('Bearer', () => {
  it('is bound to what its token holds', async () => {
    const principal = await ask(await tokenFor('repository:apps/checkout/checkout:pull,delete'));

    expect(principal).toMatchObject({
      name: 'ci',
      kind: 'robot',
      scopes: [{ repositories: 'apps/checkout/checkout', actions: ['pull'] }],
    });
  });

  it('ends after five minutes, a clock difference of half a minute aside', async () => {
    const token = await tokenFor();

    test.advance(5 * MINUTE_MS);
    await expect(ask(token)).resolves.toMatchObject({ name: 'ci' });
    test.advance(MINUTE_MS / 2);
    await refusalOf(ask(token));
    // The same without anything remembered.
    const fresh = createAuthenticator({ ...test.deps });
    const { request, target } = requestFor(MANIFEST, { authorization: token });
    await refusalOf(fresh.authenticate(request, target));
  });

  it.each<[string, Parameters<typeof robotWithSecret>[0] | null]>([
    ['disabled', { disabledAt: '2026-02-02T00:00:00.000Z' }],
    ['expired', { expiresAt: '2026-03-01T12:00:00.000Z' }],
    ['removed', null],
    ['given other scopes', { scopes: [{ repositories: '**', actions: ['pull'] }] }],
    ['of another kind', { kind: 'observer' }],
    [
      'created anew with another secret',
      { secrets: [{ hash: hashRobotSecret(OTHER_SECRET), validUntil: null }] },
    ],
    [
      'rotated away without grace',
      {
        secrets: [
          { hash: hashRobotSecret(OTHER_SECRET), validUntil: null },
          { hash: hashRobotSecret(SECRET), validUntil: '2026-03-01T12:00:00.000Z' },
        ],
      },
    ],
  ])('is refused at once when its robot is %s, though it was good before', async (_what, over) => {
    const token = await tokenFor('repository:apps/checkout/checkout:pull');
    await ask(token);

    test.setRobots(...(over ? [robotWithSecret(over)] : []));

    const refusal = await refusalOf(ask(token, { method: 'PUT' }));
    expect(refusal).toMatchObject({ status: 401, refusal: { rule: 'token' } });
    expect(refusal.headers['www-authenticate']).toBe(
      `Bearer realm="${REALM}",service="plura-registry",scope="repository:apps/checkout/checkout:pull,push",error="invalid_token"`,
    );
  });

  it('outlives a rotation with grace', async () => {
    const token = await tokenFor();
    test.setRobots(
      robotWithSecret({
        secrets: [
          { hash: hashRobotSecret(OTHER_SECRET), validUntil: null },
          { hash: hashRobotSecret(SECRET), validUntil: '2026-03-02T12:00:00.000Z' },
        ],
      }),
    );

    await expect(ask(token)).resolves.toMatchObject({ name: 'ci' });
  });

  it('is refused when nobody can be known, as unavailable and not as wrong', async () => {
    const token = await tokenFor();
    test.setAvailable(false);

    await expect(ask(token)).rejects.toThrow('no snapshot');
    await expect(ask(basicAuth('ci', SECRET))).rejects.toThrow('no snapshot');
  });

  const claims = { access: [], via: 'robot', kind: 'robot', rev: 'x' };
  const sign = (over: object, key: Buffer, alg = 'HS256'): Promise<string> =>
    new SignJWT({ ...claims, ...over })
      .setProtectedHeader({ alg })
      .setSubject('ci')
      .setIssuer('plura-registry')
      .setAudience('plura-registry')
      .setIssuedAt(new Date('2026-03-01T12:00:00Z'))
      .setExpirationTime(new Date('2026-03-01T12:05:00Z'))
      .sign(key);

  it.each<[string, () => Promise<string> | string]>([
    ['signed by another key', () => sign({}, Buffer.alloc(32, 8))],
    ['signed by another algorithm', () => sign({}, Buffer.alloc(64, 7), 'HS512')],
    ['of a revision that is none', () => sign({}, Buffer.alloc(32, 7))],
    ['vouched for by nobody we know', () => sign({ via: 'oidc' }, Buffer.alloc(32, 7))],
    ['without our claims', () => sign({ via: undefined, rev: undefined }, Buffer.alloc(32, 7))],
    ['not a token', () => 'abc'],
    ['a secret', () => SECRET],
    ['far too long', () => 'a'.repeat(9000)],
    [
      'unsigned',
      async () => {
        const [, body = ''] = (await tokenFor()).split('.');
        return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
      },
    ],
  ])('is refused when it is %s', async (_what, make) => {
    const refusal = await refusalOf(ask(`Bearer ${await make()}`));

    expect(refusal).toMatchObject({ status: 401, refusal: { rule: 'token' } });
  });

  it('is not taken with one changed character', async () => {
    const token = await tokenFor('repository:apps/checkout/checkout:pull');
    await ask(token);
    const middle = token.indexOf('.') + 20;
    const changed =
      token.slice(0, middle) + (token[middle] === 'A' ? 'B' : 'A') + token.slice(middle + 1);

    await refusalOf(ask(changed));
  });
});

describe('failed logins', () => {
  const wrong = (name = 'ci', from = '10.0.0.7'): Promise<Refused> =>
    refusalOf(ask(basicAuth(name, OTHER_SECRET), { from }));

  it('are turned away after ten in a minute from one address for one name', async () => {
    for (let count = 0; count < 10; count += 1) expect((await wrong()).status).toBe(401);

    const refusal = await wrong();

    expect(refusal).toMatchObject({
      status: 429,
      refusal: { code: 'TOOMANYREQUESTS', rule: 'failed-logins' },
      headers: { 'retry-after': '60' },
    });
    expect((await wrong('other')).status).toBe(401);
    expect((await wrong('ci', '10.0.0.8')).status).toBe(401);
    test.advance(MINUTE_MS);
    expect((await wrong()).status).toBe(401);
  });

  it('lock nobody out who has the secret', async () => {
    for (let count = 0; count < 20; count += 1) await wrong();

    await expect(ask(basicAuth('ci', SECRET))).resolves.toMatchObject({ name: 'ci' });
  });

  it('are not counted for tokens, which all expire', async () => {
    for (let count = 0; count < 20; count += 1) {
      expect((await refusalOf(ask('Bearer abc'))).status).toBe(401);
    }
  });
});

it('lets nobody in by any other header, and breaks at none', async () => {
  const schemes = constantFrom('Basic ', 'basic ', 'Bearer ', 'Basic', '');
  await assert(
    asyncProperty(
      schemes,
      string({ unit: 'binary-ascii', maxLength: 60 }),
      async (scheme, text) => {
        const refusal = await refusalOf(ask(`${scheme}${text}x`));

        expect([401, 429]).toContain(refusal.status);
      },
    ),
  );
});

describe('the challenge', () => {
  it('names the host that the client called, or the public URL', () => {
    const { request } = requestFor('/v2/', { host: '[::1]:5000' });
    expect(authenticator.challenge(request)).toBe(
      'Bearer realm="http://[::1]:5000/token",service="plura-registry"',
    );

    start(createTestIdentity({ publicUrl: 'https://gateway.test' }));
    expect(authenticator.challenge(request, 'apps/x/y', ['pull'])).toBe(
      'Bearer realm="https://gateway.test/token",service="plura-registry",scope="repository:apps/x/y:pull"',
    );
  });

  it.each(['', 'a b', 'evil"x', 'host/path', 'user@host', 'a:b:c', 'host:', '-a', 'ho\tst', 'é'])(
    'is built from no such Host as %j',
    async (host) => {
      const { request, target } = requestFor('/v2/', { host });

      const refusal = await refusalOf(authenticator.authenticate(request, target));

      expect(refusal).toMatchObject({ status: 400, refusal: { rule: 'host-header' } });
    },
  );
});
