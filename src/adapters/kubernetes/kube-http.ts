import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ClusterAccess } from './cluster-access';
import { unavailable } from './kube-errors';

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the server's URL, with its query. */
  readonly path: string;
  readonly contentType?: string;
  readonly body?: unknown;
}

export interface KubeAnswer {
  readonly status: number;
  readonly text: string;
  /** Seconds, of the header Retry-After. */
  readonly retryAfter: number | null;
}

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** One call, whatever its status. Throws ReleaseError ROLLOUT_UNAVAILABLE when no whole answer came in time. */
export async function sendToCluster(
  access: ClusterAccess,
  timeoutMs: number,
  call: KubeRequest,
): Promise<KubeAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const { headers, connection } = await before(signal, access.authorize());
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const options: RequestOptions = {
      ...connection,
      method: call.method,
      signal,
      headers: {
        ...headers,
        accept: 'application/json',
        ...(call.contentType === undefined ? {} : { 'content-type': call.contentType }),
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
    };
    return await exchange(new URL(`${access.server}${call.path}`), options, body);
  } catch (error) {
    const late = signal.aborted ? `it did not answer within ${timeoutMs} ms` : undefined;
    throw unavailable(late ?? (error instanceof Error ? error.message : String(error)), error);
  }
}

/** A credential plugin or a token service may hang too. */
function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        reject(new Error('no credentials in time'));
      },
      { once: true },
    );
    work.then(resolve, reject);
  });
}

function exchange(
  url: URL,
  options: RequestOptions,
  body: string | undefined,
): Promise<KubeAnswer> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, options, (response) => {
      readBounded(response).then((text) => {
        const seconds = Number(response.headers['retry-after']);
        const retryAfter = Number.isFinite(seconds) && seconds > 0 ? seconds : null;
        resolve({ status: response.statusCode ?? 0, text, retryAfter });
      }, reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function readBounded(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > MAX_ANSWER_BYTES) {
      response.destroy();
      throw new Error(`its answer is over ${MAX_ANSWER_BYTES} bytes`);
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
