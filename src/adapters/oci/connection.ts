import { Readable } from 'node:stream';
import { Agent, request, type Dispatcher } from 'undici';
import { backendAddress } from '../../contract/backend-address';
import { ReleaseError } from '../../contract/errors';

type Body = Dispatcher.ResponseData['body'];

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** To be read to its end, or to be `dump`ed: else its connection is lost. */
  readonly body: Pick<Body, 'dump'> & AsyncIterable<Uint8Array>;
}

export interface Asking {
  readonly method: Dispatcher.HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly body?: Buffer | AsyncIterable<Uint8Array>;
}

/** To a registry, and to storage that it redirects to. Follows no redirect. */
export interface Connection {
  readonly registry: URL;
  readonly ask: (url: URL, asking: Asking) => Promise<Answer>;
}

function registryUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.password) {
    throw new ReleaseError(
      'INVALID_INPUT',
      'the registry URL must be http(s)://host[:port] or unix:///path',
      { details: { field: 'registry url', remedy: 'give credentials apart from the URL' } },
    );
  }
  return url;
}

export function isOk({ status }: Pick<Answer, 'status'>): boolean {
  return status >= 200 && status < 300;
}

function headersOf(raw: Dispatcher.ResponseData['headers']): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(raw)) {
    for (const value of [values ?? []].flat()) headers.append(name, value);
  }
  return headers;
}

/** Not HTTP/2: undici loops there for ever when a body that is streamed breaks off, and a dead connection is used again. */
const http1 = new Agent({ allowH2: false });

/** By `request` and not `fetch`, whose streams take a millisecond of processor time more for a body of 100 kB. */
export async function ask(
  url: URL,
  asking: Asking,
  dispatcher: Dispatcher = http1,
): Promise<Answer> {
  const { method, headers, signal, body } = asking;
  const answer = await request(url, {
    ...{ method, signal, dispatcher },
    // Some servers refuse who does not say what it is.
    headers: { 'user-agent': 'plura-reg', ...headers },
    ...(body && { body: Buffer.isBuffer(body) ? body : Readable.from(body) }),
  });
  return { status: answer.statusCode, headers: headersOf(answer.headers), body: answer.body };
}

/** @throws ReleaseError INVALID_INPUT */
export function connectionTo(url: string): Connection {
  if (!url.startsWith('unix:')) return { registry: registryUrl(url), ask };
  const { origin, socketPath } = backendAddress(url);
  const dispatcher = new Agent({ connect: { socketPath }, allowH2: false });
  return {
    registry: new URL(origin),
    ask: (target, asking) => ask(target, asking, dispatcher),
  };
}
