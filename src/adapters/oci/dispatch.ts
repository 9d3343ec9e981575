import type { Deadline } from './body';
import type { Answer, Connection } from './connection';

export interface OciRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Path under the registry, or the whole URL it gave for an upload. */
  readonly path: string;
  /** Rights a token service is asked for, e.g. `repository:apps/a/a:pull`. */
  readonly scopes: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | AsyncIterable<Uint8Array>;
  /** Statuses beside 2xx that the caller reads itself. */
  readonly accept?: readonly number[];
}

const MAX_REDIRECTS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

export function isStream(body: OciRequest['body']): body is AsyncIterable<Uint8Array> {
  return body !== undefined && !Buffer.isBuffer(body);
}

/** Where a redirect leads; null when it is one we do not follow. */
function redirectTarget(request: OciRequest, from: URL, { status, headers }: Answer): URL | null {
  const location = headers.get('location');
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!REDIRECTS.includes(status) || location === null || !isRead) {
    return null;
  }
  const target = URL.canParse(location, from.href) ? new URL(location, from) : null;
  const isDowngrade = from.protocol === 'https:' && target?.protocol !== 'https:';
  return target && /^https?:$/.test(target.protocol) && !isDowngrade ? target : null;
}

async function* touching(
  chunks: AsyncIterable<Uint8Array>,
  deadline: Deadline,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    deadline.touch();
    yield chunk;
  }
}

/** One request and the redirects it meets. Storage behind a redirect never sees our credentials. */
export async function dispatch(
  { registry, ask }: Connection,
  request: OciRequest,
  authorization: string | undefined,
  deadline: Deadline,
): Promise<Answer> {
  const { method, body } = request;
  let url = new URL(request.path, registry);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const isRegistry = url.origin === registry.origin;
    const answer = await ask(url, {
      method,
      headers: {
        ...request.headers,
        ...(authorization !== undefined && isRegistry ? { authorization } : {}),
      },
      signal: deadline.signal,
      ...(body && { body: isStream(body) ? touching(body, deadline) : body }),
    });
    const next = redirectTarget(request, url, answer);
    if (!next) {
      return answer;
    }
    await answer.body.dump();
    url = next;
  }
  throw new Error(`more than ${MAX_REDIRECTS} redirects`);
}
