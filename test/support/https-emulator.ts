import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSelfMadePair } from '../../src/admission/tls/self-made';

export interface HttpsEmulator {
  /** `host:port`. */
  readonly host: string;
  readonly url: string;
  /** PEM of the certificate that it shows, and a file with the same. */
  readonly ca: string;
  readonly caFile: string;
  stop(): Promise<void>;
}

interface EmulatedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Handle = (
  request: EmulatedRequest,
) => { readonly status: number; readonly json: object } | null;

/** A server with a certificate of its own. `handle` gives null for a request that is never answered. */
export async function startHttpsEmulator(
  handle: Handle,
  contentType: string,
): Promise<HttpsEmulator> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-emulator-'));
  const [caFile, keyFile] = [join(folder, 'ca.pem'), join(folder, 'key.pem')];
  await ensureSelfMadePair({ certFile: caFile, keyFile }, ['127.0.0.1'], new Date());
  const cert = await readFile(caFile, 'utf8');
  const key = await readFile(keyFile);
  const server = createServer({ cert, key }, (incoming, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url: path = '', headers } = incoming;
      const answer = handle({ method, path, headers, body: Buffer.concat(chunks).toString() });
      if (!answer) return;
      response.writeHead(answer.status, { 'content-type': contentType });
      response.end(JSON.stringify(answer.json));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `https://${host}`,
    ca: cert,
    caFile,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
