import type { RegistryCredentials } from '../../contract/docker-config';
import { ReleaseError } from '../../contract/errors';
import { createAuthenticator, type Authenticator } from './auth';
import { collect, createDeadline, readChunks, type Deadline } from './body';
import { connectionTo, isOk, type Answer, type Connection } from './connection';
import { dispatch, isStream, type OciRequest } from './dispatch';
import { networkError, statusError } from './errors';

export interface OciResponse {
  readonly status: number;
  readonly headers: Headers;
  chunks(): AsyncIterable<Uint8Array>;
  read(maxBytes: number): Promise<Buffer>;
}

export interface OciHttp {
  /** @throws ReleaseError by status, see errors.ts; REGISTRY_UNAVAILABLE when there was no answer. */
  send(request: OciRequest): Promise<OciResponse>;
}

interface OciHttpOptions {
  readonly url: string;
  readonly credentials?: RegistryCredentials;
  /** Longest silence of the registry, in ms. */
  readonly timeoutMs: number;
}

/** Requests of one call under way at once. */
export const PARALLEL = 8;

const MAX_ERROR_BYTES = 64 * 1024;

async function dispatchAuthenticated(
  connection: Connection,
  authenticator: Authenticator,
  request: OciRequest,
  deadline: Deadline,
): Promise<Answer> {
  const known = await authenticator.current(request.scopes);
  deadline.touch();
  const response = await dispatch(connection, request, known, deadline);
  // A stream is gone after the first try; its upload was opened by a POST that told how to get a token.
  if (response.status !== 401 || isStream(request.body)) {
    return response;
  }
  deadline.touch();
  const challenge = response.headers.get('www-authenticate');
  let answer: string | null = '';
  try {
    answer = await authenticator.answer(challenge, request.scopes);
  } finally {
    // Its text is wanted only when there is nothing to answer with.
    if (answer !== null) await response.body.dump();
  }
  if (answer === null) {
    return response;
  }
  return dispatch(connection, request, answer, deadline);
}

export function createOciHttp(options: OciHttpOptions): OciHttp {
  const connection = connectionTo(options.url);
  const { registry } = connection;
  const { credentials, timeoutMs } = options;
  const authenticator = createAuthenticator({ registry, credentials, timeoutMs });

  return {
    send: async (request) => {
      const path = new URL(request.path, registry).pathname;
      const what = `registry ${registry.host}: ${request.method} ${path}`;
      const deadline = createDeadline(timeoutMs);
      let response: Answer;
      try {
        response = await dispatchAuthenticated(connection, authenticator, request, deadline);
      } catch (error) {
        deadline.clear();
        throw error instanceof ReleaseError ? error : networkError(what, error);
      }
      const { status, headers } = response;
      const chunks = (): AsyncIterable<Uint8Array> => readChunks(response.body, deadline, what);
      const read = (maxBytes: number): Promise<Buffer> => collect(chunks(), maxBytes, what);
      if (!isOk(response) && !request.accept?.includes(status)) {
        // A cut-off error text must not hide the status.
        const body = await read(MAX_ERROR_BYTES).catch(() => Buffer.alloc(0));
        throw statusError(what, status, headers, body);
      }
      if (request.method !== 'GET') {
        await read(MAX_ERROR_BYTES);
      }
      return { status, headers, chunks, read };
    },
  };
}
