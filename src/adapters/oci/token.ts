import type { RegistryCredentials } from '../../contract/docker-config';
import { ReleaseError } from '../../contract/errors';
import { collect, createDeadline, readChunks } from './body';
import { ask, isOk, type Answer } from './connection';
import { networkError, statusError } from './errors';
import { tokenBody } from './schema';

export interface Challenge {
  readonly scheme: 'basic' | 'bearer';
  readonly parameters: Readonly<Record<string, string>>;
}

/** A token's life when the service does not say (distribution, token specification: 60 s). */
const DEFAULT_LIFE_S = 60;
const MAX_TOKEN_BYTES = 256 * 1024;

/** Reads `WWW-Authenticate` (RFC 9110, 11.6.1); null when it names no scheme that we speak. */
export function parseChallenge(header: string | null): Challenge | null {
  const match = /^\s*(basic|bearer)\b\s*(.*)$/i.exec(header ?? '');
  if (!match?.[1]) {
    return null;
  }
  const parameters: Record<string, string> = {};
  for (const [, name, quoted, bare] of (match[2] ?? '').matchAll(
    /([a-z_]+)=(?:"([^"]*)"|([^\s,"]+))/gi,
  )) {
    if (name) {
      parameters[name.toLowerCase()] = quoted ?? bare ?? '';
    }
  }
  return { scheme: match[1].toLowerCase() === 'basic' ? 'basic' : 'bearer', parameters };
}

export function basic({ username, password }: RegistryCredentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** @throws ReleaseError FORBIDDEN when the realm would send the secret in the clear */
export function tokenUrl(challenge: Challenge, registry: URL, scopes: readonly string[]): URL {
  const { realm = '', service, scope } = challenge.parameters;
  const url = URL.canParse(realm) ? new URL(realm) : null;
  const isPlain = url?.protocol === 'http:' && registry.protocol === 'http:';
  if (!url || (url.protocol !== 'https:' && !isPlain)) {
    throw new ReleaseError('FORBIDDEN', 'the registry names no safe token service', {
      details: { remedy: 'its WWW-Authenticate must hold an https realm' },
    });
  }
  if (service !== undefined) {
    url.searchParams.set('service', service);
  }
  for (const wanted of new Set([...scopes, ...(scope?.split(' ') ?? [])])) {
    url.searchParams.append('scope', wanted);
  }
  return url;
}

/** distribution, "Token Authentication Specification": GET, the secret by Basic. */
export async function fetchToken(
  url: URL,
  credentials: RegistryCredentials | undefined,
  timeoutMs: number,
): Promise<{ readonly header: string; readonly lifeMs: number }> {
  const what = `token service ${url.origin}`;
  const deadline = createDeadline(timeoutMs);
  let response: Answer;
  try {
    response = await ask(url, {
      method: 'GET',
      headers: credentials ? { authorization: basic(credentials) } : {},
      signal: deadline.signal,
    });
  } catch (cause) {
    deadline.clear();
    throw networkError(what, cause);
  }
  const body = await collect(readChunks(response.body, deadline, what), MAX_TOKEN_BYTES, what);
  if (response.status >= 300 && response.status < 400) {
    // Not followed: the secret would go along.
    throw networkError(what, new Error(`it redirects (${response.status})`));
  }
  if (!isOk(response)) {
    throw statusError(what, response.status, response.headers, body);
  }
  const parsed = tokenBody.safeParse(parseJson(body));
  const token = parsed.data?.token ?? parsed.data?.access_token;
  if (token === undefined) {
    throw networkError(what, new Error('the answer holds no token'));
  }
  // Renewed a little early: a token may not end while a request is on its way.
  const lifeMs = (parsed.data?.expires_in ?? DEFAULT_LIFE_S) * 900;
  return { header: `Bearer ${token}`, lifeMs };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
