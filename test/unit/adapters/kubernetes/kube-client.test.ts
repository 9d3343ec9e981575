import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { createKubeClient, type KubeClient } from '../../../../src/adapters/kubernetes/kube-client';
import { startHttpScript, type Handler, type HttpScript } from '../../../support/http-script';

const Answer = z.object({ a: z.string() });
let script: HttpScript | undefined;

afterEach(async () => {
  await script?.stop();
  script = undefined;
});

async function clientOf(handler: Handler, timeoutMs = 2_000): Promise<KubeClient> {
  script = await startHttpScript(handler);
  return createKubeClient({
    access: {
      server: script.url,
      authorize: () =>
        Promise.resolve({ headers: { authorization: 'Bearer s3cret' }, connection: {} }),
    },
    timeoutMs,
  });
}

const status = (reason: string, message: string, details: object = {}): string =>
  JSON.stringify({ kind: 'Status', reason, message, details });
const answering =
  (code: number, body: string): Handler =>
  (_request, response) =>
    response.writeHead(code).end(body);

it('reads what is there, with the credentials', async () => {
  const client = await clientOf(answering(200, '{"a":"b"}'));

  await expect(client.find('/x', Answer)).resolves.toEqual({ a: 'b' });
  expect(script?.seen[0]?.headers.authorization).toBe('Bearer s3cret');
});

it('finds nothing only where the API server names what it did not find', async () => {
  const client = await clientOf(
    answering(404, status('NotFound', 'deployments.apps "x" not found', { name: 'x' })),
  );

  await expect(client.find('/x', Answer)).resolves.toBeNull();
});

it('applies under its own name and by force', async () => {
  const client = await clientOf(answering(200, '{"a":"b"}'));

  await client.patch('/x', 'apply', { metadata: { resourceVersion: '7' } }, Answer);

  const [seen] = script?.seen ?? [];
  expect(seen).toMatchObject({ method: 'PATCH', path: '/x?fieldManager=plura-reg&force=true' });
  expect(seen?.headers['content-type']).toBe('application/apply-patch+yaml');
  expect(JSON.parse(seen?.body.toString() ?? '')).toEqual({ metadata: { resourceVersion: '7' } });
});

it('has lost when the object has changed meanwhile, or the name is taken', async () => {
  const client = await clientOf(answering(409, status('Conflict', 'the object has been modified')));

  await expect(client.patch('/x', 'merge', {}, Answer)).resolves.toBeNull();
  await expect(client.create('/x', {}, Answer)).resolves.toBeNull();
  await expect(client.remove('/x', { uid: 'u', resourceVersion: '1' })).resolves.toBeUndefined();
});

const hang = (): void => undefined;
const breakOff = (_request: unknown, response: ServerResponse): void => {
  response.writeHead(200).write('{');
  response.destroy();
};
const flood = (_request: unknown, response: ServerResponse): void => {
  response.end('x'.repeat(5_000_000));
};

it.each<[string, Handler]>([
  ['refuses the token', answering(401, status('Unauthorized', 'Unauthorized'))],
  ['grants no right', answering(403, status('Forbidden', 'cannot get resource "pods"'))],
  ['lacks the API', answering(404, status('NotFound', 'could not find the requested resource'))],
  ['is a proxy without a way', answering(404, '<html>')],
  ['is overloaded', answering(500, '')],
  ['answers no JSON', answering(200, '<html>')],
  ['answers another shape', answering(200, '{"a":1}')],
  ['redirects', answering(302, '')],
  ['breaks off', breakOff],
  ['answers without end', flood],
  ['does not answer in time', hang],
])('is unavailable when the server %s', async (_name, handler) => {
  const client = await clientOf(handler, 300);

  const refusal = client.find('/x', Answer);

  await expect(refusal).rejects.toMatchObject({ code: 'ROLLOUT_UNAVAILABLE' });
  await expect(refusal).rejects.not.toThrow('s3cret');
});

it.each<[string, Handler]>([
  ['an admission rule', answering(403, status('Forbidden', 'admission webhook "x" denied it'))],
  ['the schema', answering(422, status('Invalid', 'spec.replicas: must be positive'))],
])('has failed when %s refuses the object', async (_name, handler) => {
  const client = await clientOf(handler);

  await expect(client.create('/x', {}, Answer)).rejects.toMatchObject({ code: 'ROLLOUT_FAILED' });
});

it('waits as long as an overloaded server asks for', async () => {
  const client = await clientOf((_request, response) =>
    response.writeHead(429, { 'retry-after': '3' }).end(status('TooManyRequests', 'slow down')),
  );

  await expect(client.find('/x', Answer)).rejects.toMatchObject({
    code: 'ROLLOUT_UNAVAILABLE',
    retryAfterMs: 3_000,
  });
});

it('is unavailable when credentials do not come in time, or nobody listens', async () => {
  const options = (authorize: () => Promise<never>): Parameters<typeof createKubeClient>[0] => ({
    access: { server: 'http://127.0.0.1:1', authorize },
    timeoutMs: 100,
  });
  const never = createKubeClient(options(() => new Promise(() => undefined)));
  const broken = createKubeClient(options(() => Promise.reject(new Error('no plugin'))));
  const gone = createKubeClient({
    access: {
      server: 'http://127.0.0.1:1',
      authorize: () => Promise.resolve({ headers: {}, connection: {} }),
    },
    timeoutMs: 1_000,
  });

  for (const client of [never, broken, gone]) {
    await expect(client.find('/x', Answer)).rejects.toMatchObject({ code: 'ROLLOUT_UNAVAILABLE' });
  }
});
