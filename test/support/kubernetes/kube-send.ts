import { readFile } from 'node:fs/promises';
import type { OutgoingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { Raw } from '../guardrail-builders';
import type { KubeServer } from './kube-server';

export interface KubeReply {
  readonly status: number;
  readonly body: Raw;
  /** All Warning headers (RFC 7234, section 5.5), as they came. */
  readonly warnings: string;
}

/** As admin, and with all that kubectl would see of the answer, whatever its status. */
export async function sendToKube(
  server: Pick<KubeServer, 'url' | 'tls' | 'admin'>,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: Raw,
  more: OutgoingHttpHeaders = {},
): Promise<KubeReply> {
  const { headers } = await server.admin.authorize();
  const ca = await readFile(server.tls.certFile);
  return new Promise((resolve, reject) => {
    const call = request(
      `${server.url}${path}`,
      { method, ca, headers: { ...headers, 'content-type': 'application/json', ...more } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            body: JSON.parse(Buffer.concat(chunks).toString()) as Raw,
            warnings: response.headers['warning'] ?? '',
          });
        });
      },
    );
    call.on('error', reject);
    call.end(body && JSON.stringify(body));
  });
}
