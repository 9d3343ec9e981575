import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { isErrorCode, ReleaseError, type SafeDetails } from '../contract/errors';
import { Problem } from '../contract/schema/api-problem';
import type { CliContext } from './context';
import { readSession } from './session-file';

export interface HttpClient {
  get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>>;
  delete<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>>;
  /** A body as it comes, for as long as it takes. */
  download(path: string): Promise<AsyncIterable<Uint8Array>>;
  /** Each call is one request to the server, should the network repeat it. */
  post<Schema extends z.ZodType>(
    path: string,
    body: unknown,
    schema: Schema,
  ): Promise<z.output<Schema>>;
}

/** Longer than the server's longest wait, a rollback. */
const TIMEOUT_MS = 90_000;
const MAX_BODY_CHARS = 8 * 1024 * 1024;

/** Speaks to the API as who is logged in. Throws ReleaseError with the code the server gave. */
export async function createHttpClient(context: CliContext): Promise<HttpClient> {
  const { settings, fetch, signal } = context;
  const session = await readSession(settings.configFile);
  const server = settings.server ?? session?.server;
  const token = settings.token ?? session?.token;
  if (!server || !token) throw notLoggedIn(server);

  async function send<Schema extends z.ZodType>(
    path: string,
    request: { readonly method: 'GET' | 'POST' | 'DELETE'; readonly body?: unknown },
    schema: Schema,
  ): Promise<z.output<Schema>> {
    const url = new URL(path, server).href;
    const post = request.method === 'POST';
    const response = await fetch(url, {
      method: request.method,
      headers: {
        authorization: `Bearer ${token ?? ''}`,
        ...(post && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
      },
      ...(post && { body: JSON.stringify(request.body) }),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    }).catch((cause: unknown) => {
      throw unreachable(url, cause);
    });
    return readAnswer(response, url, schema);
  }

  async function download(path: string): Promise<AsyncIterable<Uint8Array>> {
    const url = new URL(path, server).href;
    const headers = { authorization: `Bearer ${token ?? ''}` };
    const response = await fetch(url, { headers, redirect: 'error', signal }).catch(
      (cause: unknown) => {
        throw unreachable(url, cause);
      },
    );
    if (response.ok && response.body) return response.body;
    throw toError(parseJson(await response.text()), response.status, url);
  }

  return {
    download,
    get: (path, schema) => send(path, { method: 'GET' }, schema),
    delete: (path, schema) => send(path, { method: 'DELETE' }, schema),
    post: (path, body, schema) => send(path, { method: 'POST', body }, schema),
  };
}

async function readAnswer<Schema extends z.ZodType>(
  response: Response,
  url: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = await response.text();
  const body = text.length > MAX_BODY_CHARS ? null : parseJson(text);
  if (!response.ok) throw toError(body, response.status, url);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ReleaseError('API_UNAVAILABLE', `${url} answered with something that is not ours`, {
    cause: parsed.error,
    details: { remedy: 'check PLURA_SERVER, and that server and CLI have the same version' },
  });
}

/** The problem that the server sent, as the error it was there. */
function toError(body: unknown, status: number, url: string): ReleaseError {
  const problem = Problem.safeParse(body);
  if (!problem.success || !isErrorCode(problem.data.code)) {
    return new ReleaseError('API_UNAVAILABLE', `${url} answered with HTTP ${status}`, {
      details: { remedy: 'check that PLURA_SERVER is the address of the API' },
    });
  }
  const { code, detail, field, remedy, requestId, details } = problem.data;
  return new ReleaseError(code, detail, {
    details: {
      ...(details as SafeDetails | undefined),
      ...(field !== undefined && { field }),
      ...(remedy !== undefined && { remedy }),
      requestId,
    },
  });
}

function unreachable(url: string, cause: unknown): ReleaseError {
  return new ReleaseError('API_UNAVAILABLE', `No answer from ${new URL(url).origin}`, {
    cause,
    details: { remedy: 'start the stack (npm start), or set PLURA_SERVER' },
  });
}

function notLoggedIn(server: string | undefined): ReleaseError {
  const missing = server === undefined ? 'server' : 'token';
  return new ReleaseError('UNAUTHENTICATED', `There is no ${missing} to use`, {
    details: { remedy: 'plura login --local, or set PLURA_SERVER and PLURA_TOKEN' },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
