import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { createIssuer } from '../../../src/local/issuer/app';

const ISSUER = 'http://127.0.0.1:7410';

interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
}

describe('local issuer', () => {
  let stateDir: string;
  let app: FastifyInstance;

  const open = async (): Promise<FastifyInstance> =>
    createIssuer({ stateDir, issuer: ISSUER, audience: 'plura-reg' });
  const secretFile = (): string => path.join(stateDir, 'issuer-secret');

  beforeEach(async () => {
    stateDir = mkdtempSync(path.join(tmpdir(), 'plura-issuer-'));
    app = await open();
  });

  afterEach(async () => {
    await app.close();
    rmSync(stateDir, { recursive: true });
  });

  async function ask(
    payload: object,
    secret: string | null = readFileSync(secretFile(), 'utf8'),
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const headers = secret === null ? {} : { authorization: `Bearer ${secret}` };
    const answer = await app.inject({ method: 'POST', url: '/token', headers, payload });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  }

  async function keysOf(issuer: FastifyInstance): Promise<JSONWebKeySet> {
    return (await issuer.inject({ url: '/jwks' })).json<JSONWebKeySet>();
  }

  it('gives a person a token that its own JWKS verifies', async () => {
    const { status, body } = await ask({ subject: 'alice', ttlSeconds: 60 });

    const token = (body as unknown as TokenAnswer).access_token;
    const keys = createLocalJWKSet(await keysOf(app));
    const { payload } = await jwtVerify(token, keys, {
      issuer: ISSUER,
      audience: 'plura-reg',
      algorithms: ['ES256'],
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 60 });
    expect(payload).toMatchObject({ sub: 'alice', roles: ['viewer', 'releaser'] });
    expect(payload.exp! - payload.iat!).toBe(60);
    expect(payload.jti).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('gives each token an id of its own', async () => {
    const first = await ask({ subject: 'alice' });
    const second = await ask({ subject: 'alice' });

    expect(first.body['access_token']).not.toBe(second.body['access_token']);
  });

  it('narrows the roles when fewer are asked for', async () => {
    const { body } = await ask({ subject: 'alice', roles: ['viewer'] });

    const keys = createLocalJWKSet(await keysOf(app));
    const { payload } = await jwtVerify(body['access_token'] as string, keys);
    expect(payload['roles']).toEqual(['viewer']);
  });

  it('keeps key and secret over a restart', async () => {
    const before = await ask({ subject: 'bob' });

    await app.close();
    app = await open();

    const keys = createLocalJWKSet(await keysOf(app));
    const token = before.body['access_token'] as string;
    await expect(jwtVerify(token, keys)).resolves.toBeDefined();
    expect((await ask({ subject: 'bob' })).status).toBe(200);
  });

  it('makes one key when several start at once', async () => {
    rmSync(path.join(stateDir, 'issuer-key.json'));

    const issuers = await Promise.all([open(), open(), open(), open()]);

    const kids = await Promise.all(issuers.map(async (one) => (await keysOf(one)).keys[0]?.kid));
    expect(new Set(kids).size).toBe(1);
    await Promise.all(issuers.map(async (one) => one.close()));
  });

  it('publishes public keys only, and where they are', async () => {
    const { keys } = await keysOf(app);
    const discovery = await app.inject({ url: '/.well-known/openid-configuration' });

    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
    expect(keys[0]).not.toHaveProperty('d');
    expect(discovery.json()).toMatchObject({ issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` });
    const token = (await ask({ subject: 'dave' })).body['access_token'] as string;
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'JWT', kid: keys[0]!.kid });
  });

  it.each(['issuer-key.json', 'issuer-secret', 'people.json'])('keeps %s to its owner', (name) => {
    expect(statSync(path.join(stateDir, name)).mode & 0o777).toBe(0o600);
  });

  it('refuses to start on a key that others can read', async () => {
    chmodSync(path.join(stateDir, 'issuer-key.json'), 0o644);

    await expect(open()).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { remedy: expect.stringContaining('chmod 600') as string },
    });
  });

  it.each([
    ['no secret', null],
    ['a wrong secret', 'guess'],
    ['an empty secret', ''],
  ])('gives nothing to a caller with %s', async (_name, secret) => {
    const { status, body } = await ask({ subject: 'root' }, secret);

    expect(status).toBe(401);
    expect(body).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(body).not.toHaveProperty('access_token');
  });

  it.each(['mallory', 'constructor', '__proto__'])(
    'does not know %s, and lists those it knows',
    async (subject) => {
      const { status, body } = await ask({ subject });

      expect(status).toBe(403);
      expect(body).toMatchObject({ code: 'FORBIDDEN', field: 'subject' });
      expect(body['remedy']).toContain('alice, bob, carol, dave, erin, frank, grace, root');
    },
  );

  it('does not give a person a role of someone else', async () => {
    const { status, body } = await ask({ subject: 'alice', roles: ['admin'] });

    expect(status).toBe(403);
    expect(body).toMatchObject({ field: 'roles', detail: 'alice does not have the role admin' });
  });

  it.each([
    ['longer than 12 hours', { subject: 'alice', ttlSeconds: 43_201 }, 'ttlSeconds'],
    ['without subject', {}, 'subject'],
    ['with an unknown role', { subject: 'alice', roles: ['boss'] }, 'roles.0'],
    ['with an unknown field', { subject: 'alice', aud: 'other' }, ''],
  ])('refuses a request %s', async (_name, payload, field) => {
    const { status, body } = await ask(payload);

    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'INVALID_INPUT', field });
  });

  it('refuses a body that is not JSON, or too long', async () => {
    const headers = { 'content-type': 'application/json' };

    const broken = await app.inject({ method: 'POST', url: '/token', headers, payload: '{' });
    const long = await app.inject({
      method: 'POST',
      url: '/token',
      headers,
      payload: JSON.stringify({ subject: 'x'.repeat(5000) }),
    });

    expect([broken.statusCode, long.statusCode]).toEqual([400, 400]);
  });

  it('follows the table of people as it is edited', async () => {
    writeFileSync(path.join(stateDir, 'people.json'), '{"zoe": ["operator"]}');

    expect((await ask({ subject: 'zoe' })).status).toBe(200);
    expect((await ask({ subject: 'alice' })).status).toBe(403);
  });

  it('says what is wrong with an edited table of people', async () => {
    writeFileSync(path.join(stateDir, 'people.json'), '{"zoe": ["boss"]}');

    expect((await ask({ subject: 'zoe' })).body['remedy']).toContain('viewer, releaser');
  });
});
