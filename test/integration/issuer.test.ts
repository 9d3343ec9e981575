import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createIssuer } from '../../src/local/issuer/app';
import { createJwtVerifier } from '../../src/api/identity/jwt';

jest.setTimeout(30_000);

describe('local issuer over HTTP', () => {
  let stateDir: string;

  beforeEach(async () => {
    stateDir = await mkdtemp(path.join(tmpdir(), 'plura-issuer-'));
  });

  afterEach(async () => {
    await rm(stateDir, { recursive: true });
  });

  async function freePort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    return port;
  }

  it('gives tokens that the API accepts through its JWKS', async () => {
    const issuer = `http://127.0.0.1:${await freePort()}`;
    const app = await createIssuer({ stateDir, issuer, audience: 'plura-reg' });
    await app.listen({ host: '127.0.0.1', port: Number(new URL(issuer).port) });
    const secret = await readFile(path.join(stateDir, 'issuer-secret'), 'utf8');

    const answer = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ subject: 'carol' }),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };

    const verify = createJwtVerifier({
      issuer,
      audience: 'plura-reg',
      keys: new URL(`${issuer}/jwks`),
      now: () => new Date(),
    });
    await expect(verify(token)).resolves.toEqual({
      subject: 'carol',
      roles: ['viewer', 'operator'],
    });
    await app.close();
  });
});
