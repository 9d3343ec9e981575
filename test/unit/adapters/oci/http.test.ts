import { createOciHttp } from '../../../../src/adapters/oci/http';
import { createOciRegistry } from '../../../../src/adapters/oci/oci-registry';
import { sha256 } from '../../../../src/adapters/oci/schema';
import { ReleaseError } from '../../../../src/contract/errors';
import type { Digest } from '../../../../src/domain/digest';
import { startHttpScript, type Handler, type HttpScript } from '../../../support/http-script';

const servers: HttpScript[] = [];
async function serve(handler: Handler): Promise<HttpScript> {
  const server = await startHttpScript(handler);
  servers.push(server);
  return server;
}
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

const blob = Buffer.from('a blob');
const image = { repository: 'apps/a/a', digest: sha256(blob) };
const credentials = { username: 'robot', password: 'secret-word' };
const basic = `Basic ${Buffer.from('robot:secret-word').toString('base64')}`;

describe('authentication', () => {
  it('answers a basic challenge, and sends the credentials at once from then on', async () => {
    const server = await serve(({ headers }, response) => {
      const isKnown = headers.authorization === basic;
      response.writeHead(isKnown ? 200 : 401, { 'www-authenticate': 'Basic realm="registry"' });
      response.end(isKnown ? blob : '');
    });
    const registry = createOciRegistry({ url: server.url, credentials });

    await registry.getBlob(image, 100);
    await registry.getBlob(image, 100);

    const sent = server.seen.map(({ headers }) => headers.authorization);
    expect(sent).toEqual([undefined, basic, basic]);
  });

  it('fetches a token for the scope, keeps it, and never shows the registry the password', async () => {
    const server = await serve(({ path, headers }, response) => {
      if (path.startsWith('/token')) {
        response.end(JSON.stringify({ token: 'the-token', expires_in: 300 }));
        return;
      }
      const isKnown = headers.authorization === 'Bearer the-token';
      const realm = `http://${headers.host ?? ''}/token`;
      const challenge = `Bearer realm="${realm}",service="registry",scope="repository:x:pull"`;
      response.writeHead(isKnown ? 200 : 401, { 'www-authenticate': challenge });
      response.end(isKnown ? blob : '');
    });
    const registry = createOciRegistry({ url: server.url, credentials });

    await registry.getBlob(image, 100);
    await registry.getBlob(image, 100);

    const tokens = server.seen.filter(({ path }) => path.startsWith('/token'));
    expect(tokens).toHaveLength(1);
    expect(tokens[0]?.headers.authorization).toBe(basic);
    const query = new URL(tokens[0]?.path ?? '', server.url).searchParams;
    expect(query.get('service')).toBe('registry');
    expect(query.getAll('scope')).toEqual(['repository:apps/a/a:pull', 'repository:x:pull']);
    const others = server.seen.filter(({ path }) => !path.startsWith('/token'));
    expect(others.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      'Bearer the-token',
      'Bearer the-token',
    ]);
  });

  it('renews a token that has ended', async () => {
    let issued = 0;
    const server = await serve(({ path, headers }, response) => {
      if (path.startsWith('/token')) {
        response.end(JSON.stringify({ access_token: `t${++issued}`, expires_in: 0 }));
        return;
      }
      const isKnown = headers.authorization === `Bearer t${issued}`;
      const challenge = `Bearer realm="http://${headers.host ?? ''}/token"`;
      response.writeHead(isKnown ? 200 : 401, { 'www-authenticate': challenge });
      response.end(isKnown ? blob : '');
    });
    const registry = createOciRegistry({ url: server.url });

    await registry.getBlob(image, 100);
    await registry.getBlob(image, 100);

    expect(issued).toBe(2);
  });

  describe('behind a token service', () => {
    /** Gives a token for the first scope asked for, good for requests about that repository. */
    async function serveTokens(lifeS: number): Promise<HttpScript> {
      let issued = 0;
      return serve(({ path, headers, method }, response) => {
        if (path.startsWith('/token')) {
          issued += 1;
          response.end(JSON.stringify({ token: `t${issued}`, expires_in: lifeS }));
          return;
        }
        if (headers.authorization === undefined) {
          const realm = `http://${headers.host ?? ''}/token`;
          response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="s"` });
          response.end();
          return;
        }
        const location = { location: '/v2/apps/b/b/blobs/uploads/1' };
        response
          .writeHead(method === 'POST' ? 202 : 200, location)
          .end(method === 'HEAD' ? '' : blob);
      });
    }
    const asked = (server: HttpScript): readonly string[] =>
      server.seen
        .filter(({ path }) => path.startsWith('/token'))
        .map(({ path }) => new URL(path, server.url).searchParams.getAll('scope').join(' '));
    const refused = (server: HttpScript): number =>
      server.seen.filter(
        ({ path, headers }) => !path.startsWith('/token') && headers.authorization === undefined,
      ).length;

    it('asks for a token of another repository at once, with its scope alone', async () => {
      const server = await serveTokens(300);
      const registry = createOciRegistry({ url: server.url, credentials });

      await registry.getBlob(image, 100);
      await registry.getBlob({ ...image, repository: 'apps/b/b' }, 100);

      expect(asked(server)).toEqual(['repository:apps/a/a:pull', 'repository:apps/b/b:pull']);
      expect(refused(server)).toBe(1);
    });

    it('asks once for many that come together', async () => {
      const server = await serveTokens(300);
      const registry = createOciRegistry({ url: server.url, credentials });

      await Promise.all(Array.from({ length: 8 }, () => registry.getBlob(image, 100)));

      expect(asked(server)).toHaveLength(1);
    });

    it('renews a token before it sends a stream, which it could not send again', async () => {
      const server = await serveTokens(0);
      const http = createOciHttp({ url: server.url, credentials, timeoutMs: 5000 });
      const scopes = ['repository:apps/b/b:pull,push'];
      await http.send({ method: 'POST', path: '/v2/apps/b/b/blobs/uploads/', scopes });
      const body = (async function* () {
        await Promise.resolve();
        yield blob;
      })();

      const path = '/v2/apps/b/b/blobs/uploads/1';
      const { status } = await http.send({ method: 'PUT', path, scopes, body });

      expect(status).toBe(200);
      expect(server.seen.at(-1)?.body).toEqual(blob);
    });

    it('is refused for good when the token that it just got is refused', async () => {
      const server = await serve(({ path, headers }, response) => {
        if (path.startsWith('/token')) {
          response.end(JSON.stringify({ token: 'useless' }));
          return;
        }
        const realm = `http://${headers.host ?? ''}/token`;
        response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end();
      });
      const registry = createOciRegistry({ url: server.url, credentials });

      await expect(registry.getBlob(image, 100)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      expect(server.seen).toHaveLength(3);
    });
  });

  it.each([
    ['without credentials', 'Basic realm="registry"'],
    ['with a scheme nobody speaks', 'Negotiate'],
    ['with a realm that is no address', 'Bearer realm="token"'],
    ['with a realm of another kind', 'Bearer realm="file:///etc/passwd"'],
  ])('is refused for good %s', async (_case, challenge) => {
    const server = await serve((_request, response) => {
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    const registry = createOciRegistry({ url: server.url });

    await expect(registry.getBlob(image, 100)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it.each([
    ['is down', 502],
    ['sends it elsewhere, where the secret does not go', 302],
  ])('may be tried again when the token service %s', async (_what, answer) => {
    const asked: string[] = [];
    const server = await serve(({ path, headers }, response) => {
      const challenge = `Bearer realm="http://${headers.host ?? ''}/token"`;
      const status = path.startsWith('/token') ? answer : 401;
      asked.push(path.split('?')[0] ?? '');
      response.writeHead(status, { 'www-authenticate': challenge, location: '/other' }).end();
    });
    const registry = createOciRegistry({ url: server.url, credentials });

    await expect(registry.getBlob(image, 100)).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
    });
    expect(asked).not.toContain('/other');
  });
});

describe('redirects', () => {
  it('follows one to storage without the credentials', async () => {
    const storage = await serve((_request, response) => response.end(blob));
    const server = await serve(({ headers }, response) => {
      if (headers.authorization !== basic) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
        return;
      }
      response.writeHead(307, { location: `${storage.url}/bucket/blob?signature=s` }).end();
    });
    const registry = createOciRegistry({ url: server.url, credentials });

    const bytes = await registry.getBlob(image, 100);

    expect(bytes).toEqual(blob);
    expect(storage.seen).toHaveLength(1);
    expect(storage.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('gives up on a loop', async () => {
    const server = await serve(({ path }, response) => {
      response.writeHead(302, { location: path }).end();
    });
    const registry = createOciRegistry({ url: server.url });

    await expect(registry.getBlob(image, 100)).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('redirects') as string,
    });
    expect(server.seen.length).toBeLessThan(10);
  });

  it('does not send a write elsewhere', async () => {
    const elsewhere = await serve((_request, response) => response.writeHead(201).end());
    const server = await serve((_request, response) => {
      response.writeHead(307, { location: elsewhere.url }).end();
    });
    const registry = createOciRegistry({ url: server.url });

    await expect(registry.deleteTag('apps/a/a', 'stable')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    expect(elsewhere.seen).toEqual([]);
  });
});

describe('what a status means', () => {
  it.each([
    [408, 'REGISTRY_UNAVAILABLE'],
    [429, 'REGISTRY_UNAVAILABLE'],
    [500, 'REGISTRY_UNAVAILABLE'],
    [503, 'REGISTRY_UNAVAILABLE'],
    [403, 'FORBIDDEN'],
    [404, 'DIGEST_NOT_FOUND'],
    [400, 'INVALID_INPUT'],
    [405, 'INVALID_INPUT'],
  ])('%s is %s', async (status, code) => {
    const server = await serve((_request, response) => response.writeHead(status).end());
    const registry = createOciRegistry({ url: server.url });

    await expect(registry.getBlob(image, 100)).rejects.toMatchObject({ code });
  });

  it('carries the code and message of the registry, and when to come back', async () => {
    const errors = [{ code: 'TOOMANYREQUESTS', message: 'slow down', detail: { x: 1 } }];
    const server = await serve((_request, response) => {
      response.writeHead(429, { 'retry-after': '7' }).end(JSON.stringify({ errors }));
    });
    const registry = createOciRegistry({ url: server.url });

    await expect(registry.getBlob(image, 100)).rejects.toMatchObject({
      message: expect.stringContaining('TOOMANYREQUESTS: slow down') as string,
      retryAfterMs: 7000,
      details: { status: 429, codes: ['TOOMANYREQUESTS'] },
    });
  });

  it.each([
    [409, 'tag-write-once', 'TAG_TAKEN'],
    [403, 'quarantined', 'QUARANTINED'],
    [403, 'channels-by-system-only', 'FORBIDDEN'],
    [503, 'pushes-closed', 'REGISTRY_UNAVAILABLE'],
  ])('%s by the rule %s of the gateway is %s, with its remedy', async (status, rule, code) => {
    const detail = { rule, remedy: 'do this', digest: 'sha256:x' };
    const errors = [{ code: 'DENIED', message: 'no', detail }];
    const server = await serve((_request, response) => {
      response.writeHead(status).end(JSON.stringify({ errors }));
    });
    const registry = createOciRegistry({ url: server.url });

    await expect(registry.getBlob(image, 100)).rejects.toMatchObject({
      code,
      details: { status, rule, remedy: 'do this' },
    });
  });

  it.each(['text', 7, null, { rule: 3 }, ['x']])(
    'takes any detail of another registry (%j)',
    async (detail) => {
      const errors = [{ code: 'NAME_UNKNOWN', message: 'who?', detail }];
      const server = await serve((_request, response) => {
        response.writeHead(404).end(JSON.stringify({ errors }));
      });
      const registry = createOciRegistry({ url: server.url });

      await expect(registry.getBlob(image, 100)).rejects.toMatchObject({
        code: 'DIGEST_NOT_FOUND',
        message: expect.stringContaining('NAME_UNKNOWN: who?') as string,
      });
    },
  );

  it('is unknown when nobody listens', async () => {
    const server = await startHttpScript((_request, response) => response.end());
    await server.stop();
    const registry = createOciRegistry({ url: server.url });

    for (const call of [
      () => registry.ping(),
      () => registry.resolve('apps/a/a', 'stable'),
      () => registry.findMissing(image),
      () => registry.listReferrers(image),
    ]) {
      await expect(call()).rejects.toMatchObject({
        code: 'REGISTRY_UNAVAILABLE',
        message: expect.stringContaining('ECONNREFUSED') as string,
      });
    }
  });

  it.each(['before the headers', 'in the middle of the body'])(
    'is unknown when the answer stops %s',
    async (when) => {
      const server = await serve((_request, response) => {
        if (when !== 'before the headers') {
          response.writeHead(200, { 'content-length': '6' });
          response.write('a b');
        }
      });
      const registry = createOciRegistry({ url: server.url, timeoutMs: 100 });

      await expect(registry.getBlob(image, 100)).rejects.toMatchObject({
        code: 'REGISTRY_UNAVAILABLE',
        message: expect.stringContaining('no answer within 100 ms') as string,
      });
    },
  );
});

describe('names', () => {
  it.each(['../a', 'apps//a', 'Apps/a', 'a?b', 'a/../b', ''])(
    'refuses repository "%s"',
    async (repository) => {
      const server = await serve((_request, response) => response.end());
      const registry = createOciRegistry({ url: server.url });

      await expect(registry.resolve(repository, 'stable')).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        details: { field: 'repository' },
      });
      expect(server.seen).toEqual([]);
    },
  );

  it.each(['a/b', '.a', 'sha256:abc', ''])('refuses reference "%s"', async (reference) => {
    const registry = createOciRegistry({ url: 'http://127.0.0.1:1' });

    await expect(registry.resolve('apps/a/a', reference)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  it('refuses a digest that is none where a digest must stand', async () => {
    const registry = createOciRegistry({ url: 'http://127.0.0.1:1' });
    const odd = { repository: 'apps/a/a', digest: 'sha256:../../x' as Digest };

    await expect(registry.getBlob(odd, 10)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(registry.getManifest(odd)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it.each(['ftp://host', 'host:5000', 'http://robot:word@host'])(
    'refuses the registry URL %s',
    (url) => {
      expect(() => createOciRegistry({ url })).toThrow(ReleaseError);
    },
  );
});
