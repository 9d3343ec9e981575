import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRuncRollout } from '../../../../src/adapters/runc/runc-rollout';
import type { Rollout } from '../../../../src/ports/rollout';

let server: Server | undefined;

async function rolloutWith(listener: RequestListener, timeoutMs = 2_000): Promise<Rollout> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => {
    started.listen(0, '127.0.0.1', resolve);
  });
  const { port } = started.address() as AddressInfo;
  return createRuncRollout({ url: `http://127.0.0.1:${port}/`, token: 'secret-token', timeoutMs });
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const problem = (code: string): string =>
  JSON.stringify({ code, message: 'why', details: { a: 1 } });

describe('the client of the rollout target', () => {
  it('hands on what the target says', async () => {
    const rollout = await rolloutWith((_request, answer) =>
      answer.writeHead(409).end(problem('FENCED')),
    );

    await expect(rollout.getState('shop', 'prod')).rejects.toMatchObject({
      code: 'FENCED',
      message: 'why',
      details: { a: 1 },
    });
  });

  it('sends the token', async () => {
    let token: string | undefined;
    const rollout = await rolloutWith((request, answer) => {
      token = request.headers.authorization;
      answer.end('{"url":null}');
    });

    await expect(rollout.trackUrl('shop', 'prod', 'stable')).resolves.toBeNull();

    expect(token).toBe('Bearer secret-token');
  });

  it.each<[string, RequestListener]>([
    ['refuses the token', (_r, answer) => answer.writeHead(401).end(problem('UNAUTHENTICATED'))],
    ['answers an unknown code', (_r, answer) => answer.writeHead(500).end(problem('NEW_ONE'))],
    ['answers no JSON', (_r, answer) => answer.end('<html>')],
    ['answers another shape', (_r, answer) => answer.end('{"svc":"shop"}')],
    ['answers without end', (_r, answer) => answer.end('x'.repeat(500_000))],
    ['breaks off', (_r, answer) => answer.destroy()],
    ['redirects', (_r, answer) => answer.writeHead(302, { location: 'http://127.0.0.2/' }).end()],
  ])('is unavailable when the target %s', async (_name, listener) => {
    const rollout = await rolloutWith(listener);

    const refusal = rollout.getState('shop', 'prod');

    await expect(refusal).rejects.toMatchObject({ code: 'ROLLOUT_UNAVAILABLE' });
    await expect(refusal).rejects.not.toThrow('secret-token');
  });

  it('is unavailable when the target does not answer in time, or at all', async () => {
    const slow = await rolloutWith(() => undefined, 50);
    const gone = createRuncRollout({ url: 'http://127.0.0.1:1', token: 't', timeoutMs: 1_000 });

    const unavailable = { code: 'ROLLOUT_UNAVAILABLE' };
    await expect(
      slow.withdrawCandidate({ svc: 'shop', env: 'prod', epoch: 1 }),
    ).rejects.toMatchObject(unavailable);
    await expect(gone.getState('shop', 'prod')).rejects.toMatchObject(unavailable);
  });
});
