import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOciRegistry } from '../../../../src/adapters/oci/oci-registry';
import { createBackend } from '../../../../src/gateway/backend/undici-backend';
import { serveOnSocket, type UnixServer } from '../../../support/unix-registry';

const BODY = 'bytes of a blob';
const { signal } = new AbortController();

let registry: UnixServer;
let seen: string[];

beforeEach(async () => {
  seen = [];
  registry = await serveOnSocket((request, response) => {
    seen.push(`${request.method} ${request.url} of ${request.headers.host}`);
    response.writeHead(200, { 'content-length': BODY.length }).end(BODY);
  });
});
afterEach(() => registry.stop());

test('a registry on a Unix socket is asked as one on a port', async () => {
  const backend = createBackend({ url: registry.url });

  const answer = await backend.fetch({ method: 'GET', path: '/v2/', headers: {}, signal }, 100);
  await backend.close();

  expect(answer.body.toString()).toBe(BODY);
  expect(seen).toEqual(['GET /v2/ of localhost']);
});

test('where it says an upload is, is its own path', async () => {
  const backend = createBackend({ url: registry.url });

  const own = backend.ownPath('http://localhost/v2/a/blobs/uploads/1?_state=x');
  const foreign = backend.ownPath('http://elsewhere/v2/a/blobs/uploads/1');
  await backend.close();

  expect(own).toBe('/v2/a/blobs/uploads/1?_state=x');
  expect(foreign).toBeNull();
});

test('its blobs go out by the short way', async () => {
  const backend = createBackend({ url: registry.url });
  const request = { path: '/v2/a/blobs/b', headers: {}, signal };
  const front: Server = createServer((_request, response) => {
    void backend.pipeBlob?.(request, response, ({ headers }) => ({ ...headers }));
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');

  const answer = await fetch(`http://127.0.0.1:${(front.address() as AddressInfo).port}/`);
  const text = await answer.text();
  await backend.close();
  front.closeAllConnections();
  front.close();

  expect(text).toBe(BODY);
  expect(seen).toEqual(['GET /v2/a/blobs/b of localhost']);
});

test('the OCI adapter, by which a worker checks the record, asks it too', async () => {
  const oci = createOciRegistry({ url: registry.url });

  await oci.ping();

  expect(seen).toEqual(['GET /v2/ of localhost']);
});

test('a socket that is not there is said to be unavailable', async () => {
  const oci = createOciRegistry({ url: 'unix:///nowhere/registry.sock' });

  await expect(oci.ping()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
});
