import type { ScenarioAnswer } from '../../domain/scenario-answer';

export interface SentRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface SendOptions {
  readonly redirects: number;
  /** A redirect that is itself expected is not followed. */
  readonly expected: readonly number[];
  readonly maxBodyBytes: number;
  readonly signal: AbortSignal;
}

export interface Exchange {
  /** The last one, after redirects. */
  readonly request: SentRequest;
  readonly answer: ScenarioAnswer;
}

/** Sends a request and follows its redirects on the same host; rejects when no whole answer comes. */
export async function send(first: SentRequest, options: SendOptions): Promise<Exchange> {
  let request = first;
  for (let hop = 0; ; hop += 1) {
    const response = await fetch(request.url, {
      method: request.method,
      redirect: 'manual',
      signal: options.signal,
      headers: request.headers,
      ...(request.body === null ? {} : { body: request.body }),
    });
    const next = hop < options.redirects ? redirected(request, response, options.expected) : null;
    if (!next) {
      return { request, answer: await readAnswer(response, options.maxBodyBytes) };
    }
    await response.body?.cancel();
    request = next;
  }
}

/** Method and body as the Fetch standard changes them (HTTP-redirect fetch). */
function redirected(
  request: SentRequest,
  response: Response,
  expected: readonly number[],
): SentRequest | null {
  const { status } = response;
  const location = response.headers.get('location');
  if (
    ![301, 302, 303, 307, 308].includes(status) ||
    location === null ||
    expected.includes(status)
  ) {
    return null;
  }
  const url = URL.parse(location, request.url.href);
  if (url?.origin !== request.url.origin) {
    return null;
  }
  const { method } = request;
  const becomesGet =
    status === 303 ? method !== 'GET' && method !== 'HEAD' : status < 303 && method === 'POST';
  if (!becomesGet) {
    return { ...request, url };
  }
  const headers = Object.entries(request.headers).filter(
    ([name]) => !name.toLowerCase().startsWith('content-'),
  );
  return { method: 'GET', url, headers: Object.fromEntries(headers), body: null };
}

async function readAnswer(response: Response, maxBytes: number): Promise<ScenarioAnswer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyOf(response)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) {
      break;
    }
  }
  return {
    status: response.status,
    headers: new Map(
      // `get` joins what came several times, as Set-Cookie does.
      [...response.headers.keys()].map((name) => [name, response.headers.get(name) ?? '']),
    ),
    body: Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8'),
    cut: size > maxBytes,
  };
}

function bodyOf(response: Response): AsyncIterable<Uint8Array> | readonly Uint8Array[] {
  return response.body ?? [];
}
