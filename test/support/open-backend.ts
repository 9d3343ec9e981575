import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OCI_INDEX } from '../../src/adapters/oci/media-types';
import { sha256 } from '../../src/adapters/oci/schema';
import { CONFIG, configOf, DEEP_INDEX, LAYER } from './fuzz/artifact';

export interface BackendWrite {
  readonly method: string;
  readonly path: string;
}

/** A registry that takes whatever it is sent: what the gateway lets through, and nothing else, shows here. */
export interface OpenBackend {
  readonly url: string;
  readonly writes: readonly BackendWrite[];
  readonly reads: readonly BackendWrite[];
  /** Names of all headers that ever came. */
  readonly headerNames: ReadonlySet<string>;
  forget(): void;
  stop(): Promise<void>;
}

const byDigest = (bytes: Buffer): readonly [string, Buffer] => [sha256(bytes), bytes];
const BLOBS = new Map([CONFIG, configOf({}), LAYER].map(byDigest));
const MANIFESTS = new Map(DEEP_INDEX.map(byDigest));

function read(path: string, isHead: boolean, response: ServerResponse): void {
  if (path === '/v2/') {
    response.end('{}');
    return;
  }
  const [, kind = '', reference = ''] = /^\/v2\/.+\/(manifests|blobs)\/([^/?]+)/.exec(path) ?? [];
  const body = (kind === 'blobs' ? BLOBS : MANIFESTS).get(reference);
  if (!body) {
    response.writeHead(404, { 'content-length': '0' }).end();
    return;
  }
  const type = kind === 'blobs' ? 'application/octet-stream' : OCI_INDEX;
  response.setHeader('docker-content-digest', reference);
  response.setHeader('content-type', type);
  response.setHeader('content-length', body.length);
  response.end(isHead ? undefined : body);
}

function write(method: string, path: string, body: Buffer, response: ServerResponse): void {
  if (method === 'POST' || method === 'PATCH') {
    const base = path.replace(/\?.*$/, '').replace(/\/uploads\/.*$/, '');
    response.setHeader('location', `${base}/uploads/00000000-0000-4000-8000-000000000000?_state=s`);
    response.setHeader('docker-upload-uuid', '00000000-0000-4000-8000-000000000000');
    response.setHeader('range', '0-0');
    response.writeHead(202).end();
    return;
  }
  if (method === 'DELETE') {
    response.writeHead(202).end();
    return;
  }
  response.setHeader('docker-content-digest', sha256(body));
  response.setHeader('location', path);
  response.writeHead(201).end();
}

export async function startOpenBackend(): Promise<OpenBackend> {
  const writes: BackendWrite[] = [];
  const reads: BackendWrite[] = [];
  const headerNames = new Set<string>();
  const server = createServer((request: IncomingMessage, response) => {
    const { method = '', url: path = '' } = request;
    Object.keys(request.headers).forEach((name) => headerNames.add(name));
    const isRead = method === 'GET' || method === 'HEAD';
    (isRead ? reads : writes).push({ method, path });
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      if (isRead) read(path, method === 'HEAD', response);
      else write(method, path, Buffer.concat(chunks), response);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    writes,
    reads,
    headerNames,
    forget: () => {
      writes.length = 0;
      reads.length = 0;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
