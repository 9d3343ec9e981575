import { decodeJwt } from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAuthenticator } from '../../../../src/gateway/auth/authenticator';
import { createTokenHandler } from '../../../../src/gateway/auth/token-handler';
import type { RouteOf } from '../../../../src/gateway/exchange';
import { answerError } from '../../../../src/gateway/http/answer';
import { parseTarget } from '../../../../src/gateway/http/route';
import {
  basicAuth,
  createTestIdentity,
  OTHER_SECRET,
  requestFor,
  robotWithSecret,
  SECRET,
  type TestIdentity,
} from '../../../support/gateway-identity';

const APP = 'apps/checkout/checkout';
const CI = basicAuth('ci', SECRET);

let test: TestIdentity;
let server: Server | null = null;
let url = '';

/** The token endpoint alone, on a port of its own. */
async function start(given: TestIdentity): Promise<void> {
  await stop();
  test = given;
  const handle = createTokenHandler(test.deps);
  server = createServer((request, response) => {
    const { route, query } = parseTarget(request.url ?? '');
    const principal = { name: 'anonymous', kind: 'anonymous', scopes: [] } as const;
    const { signal } = new AbortController();
    const exchange = { request, response, query, principal, signal, requestId: 'r' };
    handle({ ...exchange, route: route as RouteOf<'token'> }).catch((error: unknown) => {
      answerError({ request, response }, error, 'r', test.deps.log);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
}

async function stop(): Promise<void> {
  const running = server;
  server = null;
  running?.closeAllConnections();
  if (running) await new Promise((resolve) => running.close(resolve));
}

beforeEach(() => start(createTestIdentity()));
afterAll(stop);

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> & { readonly token?: string };
  /** Code and rule of a refusal. */
  readonly refusal: readonly unknown[];
}

async function read(response: Response): Promise<Answer> {
  const body = (await response.json()) as Answer['body'] & {
    readonly errors?: readonly {
      readonly code: string;
      readonly detail: { readonly rule: string };
    }[];
  };
  const refusal = (body.errors ?? []).flatMap(({ code, detail }) => [code, detail.rule]);
  return { status: response.status, headers: response.headers, body, refusal };
}

async function get(query: string, authorization?: string): Promise<Answer> {
  const headers = authorization === undefined ? {} : { authorization };
  return read(await fetch(`${url}?${query}`, { headers }));
}

async function post(form: Record<string, string> | string): Promise<Answer> {
  const body = new URLSearchParams(form);
  return read(await fetch(url, { method: 'POST', body }));
}

function accessIn({ body }: Answer): unknown {
  return decodeJwt(body.token ?? '')['access'];
}

describe('GET /token', () => {
  it('gives a robot what it asked for and holds', async () => {
    const answer = await get(
      `service=plura-registry&account=ci&offline_token=true&client_id=docker&scope=repository:${APP}:pull,push&scope=repository:apps/payments/x:pull`,
      CI,
    );

    expect(answer).toMatchObject({
      status: 200,
      body: { expires_in: 300, issued_at: '2026-03-01T12:00:00.000Z' },
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body['access_token']).toBe(answer.body.token);
    expect(decodeJwt(answer.body.token ?? '')).toMatchObject({
      sub: 'ci',
      aud: 'plura-registry',
      iss: 'plura-registry',
      kind: 'robot',
      exp: Date.parse('2026-03-01T12:05:00Z') / 1000,
      access: [{ type: 'repository', name: APP, actions: ['pull', 'push'] }],
    });
    expect(JSON.stringify(answer.body)).not.toContain(SECRET);
  });

  it('gives a token that the registry takes, for what it holds', async () => {
    const { body } = await get(`scope=repository:${APP}:pull`, CI);
    const { request, target } = requestFor(`/v2/${APP}/tags/list`, {
      authorization: `Bearer ${body.token ?? ''}`,
    });

    const principal = await createAuthenticator(test.deps).authenticate(request, target);

    expect(principal).toMatchObject({
      name: 'ci',
      scopes: [{ repositories: APP, actions: ['pull'] }],
    });
  });

  it('lets a robot log in that asks for nothing, as docker login does', async () => {
    const answer = await get('service=plura-registry', CI);

    expect(answer.status).toBe(200);
    expect(accessIn(answer)).toEqual([]);
  });

  it('refuses a wrong secret, and too many of them', async () => {
    const wrong = basicAuth('ci', OTHER_SECRET);

    const answer = await get('', wrong);

    expect(answer).toMatchObject({ status: 401, refusal: ['UNAUTHORIZED', 'login'] });
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="plura-registry"');
    for (let count = 1; count < 10; count += 1) await get('', wrong);
    expect(await get('', wrong)).toMatchObject({
      status: 429,
      refusal: ['TOOMANYREQUESTS', 'failed-logins'],
    });
  });

  it('counts failures together with those on other routes', async () => {
    const authenticator = createAuthenticator(test.deps);
    const wrong = { authorization: basicAuth('ci', OTHER_SECRET), from: '127.0.0.1' };
    for (let count = 0; count < 10; count += 1) {
      const { request, target } = requestFor('/v2/', wrong);
      await expect(authenticator.authenticate(request, target)).rejects.toThrow();
    }

    expect(await get('', wrong.authorization)).toMatchObject({ status: 429 });
  });

  it('gives no token for a token: it would never end', async () => {
    const { body } = await get('', CI);

    expect(await get('', `Bearer ${body.token ?? ''}`)).toMatchObject({ status: 401 });
  });

  it('gives who shows nothing what the policy opens, and sends them to log in for the rest', async () => {
    expect(await get(`scope=repository:${APP}:pull`)).toMatchObject({
      status: 401,
      refusal: ['UNAUTHORIZED', 'login-required'],
    });
    expect(await get('')).toMatchObject({ status: 401 });

    await start(createTestIdentity({ anonymousPull: ['bases'] }));

    const open = await get('scope=repository:bases/static:pull,push');
    expect(accessIn(open)).toEqual([
      { type: 'repository', name: 'bases/static', actions: ['pull'] },
    ]);
    expect(await get('')).toMatchObject({ status: 200 });
    expect(await get(`scope=repository:${APP}:pull`)).toMatchObject({ status: 401 });
  });

  it.each([
    ['service=another', 'token-service'],
    ['scope=everything', 'token-scope'],
    [`scope=repository:${APP}:pull${'&scope=registry:catalog:*'.repeat(32)}`, 'token-scope'],
  ])('refuses %.40s as malformed', async (query, rule) => {
    expect(await get(query, CI)).toMatchObject({ status: 400, refusal: ['UNSUPPORTED', rule] });
  });

  it('gives no token that would be too long to send back', async () => {
    test.setRobots(robotWithSecret({ scopes: [{ repositories: '**', actions: ['pull'] }] }));
    const names = Array.from({ length: 30 }, (_, index) => `${'a'.repeat(225)}${index}`);

    const answer = await get(names.map((name) => `scope=repository:${name}:pull`).join('&'), CI);

    expect(answer).toMatchObject({ status: 400, refusal: ['UNSUPPORTED', 'token-size'] });
  });
});

describe('POST /token', () => {
  const scope = `repository:${APP}:pull,push`;
  const password = { grant_type: 'password', username: 'ci', password: SECRET };

  it('takes name and secret, as containerd and BuildKit send them', async () => {
    const answer = await post({
      ...password,
      service: 'plura-registry',
      client_id: 'containerd-client',
      access_type: 'offline',
      scope,
    });

    expect(answer).toMatchObject({ status: 200, body: { expires_in: 300, scope } });
    expect(accessIn(answer)).toEqual([
      { type: 'repository', name: APP, actions: ['pull', 'push'] },
    ]);
  });

  it('takes the secret alone as a refresh token', async () => {
    const answer = await post({ grant_type: 'refresh_token', refresh_token: SECRET, scope });

    expect(decodeJwt(answer.body.token ?? '')).toMatchObject({ sub: 'ci' });
  });

  it.each([
    [{ ...password, password: OTHER_SECRET }, 401],
    [{ grant_type: 'password' }, 401],
    [{ grant_type: 'refresh_token', refresh_token: OTHER_SECRET }, 401],
    [{ grant_type: 'refresh_token' }, 401],
    [{ ...password, grant_type: 'client_credentials' }, 400],
    [{}, 400],
    [{ ...password, scope: 'nonsense' }, 400],
    [{ ...password, service: 'another' }, 400],
  ])('refuses %j', async (form, status) => {
    expect(await post(form as Record<string, string>)).toMatchObject({ status });
  });

  it('reads at most 64 KiB', async () => {
    const answer = await post({ ...password, pad: 'a'.repeat(64 * 1024) });

    expect(answer).toMatchObject({ status: 413, refusal: ['SIZE_INVALID', 'token-form-size'] });
  });

  it('reads forms only', async () => {
    const answer = await read(
      await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(password),
      }),
    );

    expect(answer).toMatchObject({ status: 400, refusal: ['UNSUPPORTED', 'token-form'] });
  });
});

it('takes no other method', async () => {
  const answer = await read(await fetch(url, { method: 'PUT', body: '' }));

  expect(answer).toMatchObject({ status: 405 });
  expect(answer.headers.get('allow')).toBe('GET, POST');
});
