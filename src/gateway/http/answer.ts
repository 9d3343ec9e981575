import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { ReleaseError } from '../../contract/errors';
import { databaseDown } from '../state/state-cache';
import { errorBody, Refused, refused } from './refused';

const DEFAULT_RETRY_AFTER_S = '5';
/** Of a body that nobody wants any more: a small rest is read so that the connection can be used again. */
const MAX_UNWANTED_BYTES = 1024 * 1024;
/** A byte now and then would hold the connection, of somebody whom nobody let in, for as long as they like. */
const MAX_UNWANTED_MS = 10_000;

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const bytes = Buffer.from(JSON.stringify(value));
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
  });
  response.end(bytes);
}

function broken(requestId: string): Refused {
  return refused({
    code: 'UNKNOWN',
    rule: 'internal',
    message: 'The gateway failed at this request',
    remedy: 'try again; the log has more under the request id',
    detail: { requestId },
  });
}

function asRefused(error: unknown, requestId: string, log: Pick<Logger, 'error'>): Refused {
  if (error instanceof Refused) return error;
  if (error instanceof ReleaseError && error.code === 'LEDGER_UNAVAILABLE') {
    const found = databaseDown();
    found.cause = error.message;
    return found;
  }
  log.error({ requestId, err: error }, 'a request failed');
  return broken(requestId);
}

/** For an answer that did not take the whole body: what little is left is read, more ends the connection. */
export function discardRest(request: IncomingMessage): void {
  if (request.readableEnded || request.destroyed) return;
  let left = MAX_UNWANTED_BYTES;
  const deadline = setTimeout(() => request.destroy(), MAX_UNWANTED_MS);
  request.once('close', () => {
    clearTimeout(deadline);
  });
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  // Counts as read from here on: Node would else take it all, however much it is.
  request.read(0);
  request.resume();
}

/** The one place that answers with an error. Returns what was said, for the log. */
export function answerError(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  error: unknown,
  requestId: string,
  log: Pick<Logger, 'error'>,
): Refused {
  const { refusal, headers, status, cause } = asRefused(error, requestId, log);
  const said = refused(refusal, headers);
  said.cause = cause;
  if (response.destroyed || response.writableEnded) return said;
  if (response.headersSent) {
    // Half an answer can't be taken back: the client has to see that it is not whole.
    response.destroy();
    return said;
  }
  const body = Buffer.from(errorBody(refusal));
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    ...(status === 503 && { 'retry-after': DEFAULT_RETRY_AFTER_S }),
    ...headers,
  });
  discardRest(request);
  response.end(body);
  return said;
}
