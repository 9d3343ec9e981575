import { once } from 'node:events';
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { hasErrorCode } from '../contract/error-reason';
import { errorBody } from './http/refused';

/** Names, digests and a token fit; a flood of headers does not. */
const MAX_HEADER_BYTES = 16 * 1024;
/** How long a client may take to send its headers: one byte at a time holds no connection for long. */
const HEADERS_TIMEOUT_MS = 20_000;
/** Without a byte in either direction. A whole request may take hours: layers are large, links slow. */
const IDLE_TIMEOUT_MS = 120_000;
/** Longer than clients and load balancers keep an idle connection (60 s): they close it, not we. */
const KEEP_ALIVE_MS = 75_000;
const MAX_CONNECTIONS = 4096;
/** Of what a slow client has not taken yet; with 64 large transfers 16 MB. */
const SOCKET_BUFFER = 256 * 1024;

interface ServerParts {
  readonly onRequest: RequestListener;
  readonly headersTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
}

function rawAnswer(status: number, rule: string, message: string, remedy: string): string {
  const body = errorBody({ code: 'UNSUPPORTED', rule, message, remedy });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Docker-Distribution-Api-Version: registry/2.0',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

function endWith(socket: Duplex, answer: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(answer, () => {
    socket.destroy();
  });
}

/** Node lets HTTP/0.9 pass, and codings that it can not undo: who knows where such a body ends. */
function isPlain({ httpVersion, headers }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding'];
  const isKnownVersion = httpVersion === '1.1' || httpVersion === '1.0';
  return isKnownVersion && (coding === undefined || coding.toLowerCase() === 'chunked');
}

const MALFORMED = rawAnswer(400, 'http', 'Not a well-formed HTTP/1.1 request', 'see RFC 9112');

function parseFailure(error: unknown): string {
  if (hasErrorCode(error, 'HPE_HEADER_OVERFLOW')) {
    return rawAnswer(
      431,
      'header-size',
      'The headers are too large',
      `at most ${MAX_HEADER_BYTES} bytes`,
    );
  }
  if (hasErrorCode(error, 'ERR_HTTP_REQUEST_TIMEOUT')) {
    return rawAnswer(408, 'header-time', 'The headers took too long', 'send them at once');
  }
  return MALFORMED;
}

/**
 * The door to the outside. What is no plain request is turned away before a handler sees it: broken framing, Upgrade, CONNECT,
 * headers that are too large or too slow. Node's parser is strict (RFC 9112): two lengths, or a length beside chunks, are refused.
 */
export function createGatewayServer({
  onRequest,
  headersTimeoutMs = HEADERS_TIMEOUT_MS,
  idleTimeoutMs = IDLE_TIMEOUT_MS,
}: ServerParts): Server {
  const answering = new WeakMap<Duplex, ServerResponse>();
  const listen: RequestListener = (request, response) => {
    if (!isPlain(request)) {
      endWith(request.socket, MALFORMED);
      return;
    }
    answering.set(request.socket, response);
    onRequest(request, response);
  };
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: headersTimeoutMs,
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: Math.min(headersTimeoutMs, 5_000),
    highWaterMark: SOCKET_BUFFER,
    noDelay: true,
    insecureHTTPParser: false,
    requireHostHeader: true,
  });
  server.timeout = idleTimeoutMs;
  server.maxConnections = MAX_CONNECTIONS;
  server.on('request', listen);
  // Answered only once it is known that the body is wanted.
  server.on('checkContinue', listen);
  server.on('checkExpectation', listen);
  server.on('upgrade', (_request, socket) => {
    endWith(
      socket,
      rawAnswer(400, 'no-upgrade', 'The protocol is HTTP/1.1', 'do not send Upgrade'),
    );
  });
  server.on('connect', (_request, socket) => {
    endWith(
      socket,
      rawAnswer(
        405,
        'method',
        'This is no proxy',
        'see the endpoints of the OCI distribution-spec',
      ),
    );
  });
  server.on('clientError', (error, socket) => {
    const response = answering.get(socket);
    const isHalfAnswered = response?.headersSent === true && !response.writableFinished;
    if (isHalfAnswered) socket.destroy();
    else endWith(socket, parseFailure(error));
  });
  return server;
}

const SWEEP_MS = 50;

/** Takes no more connections, lets requests end, and cuts off what is still there after `graceMs`. */
export async function stopServer(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, SWEEP_MS);
  const deadline = setTimeout(() => {
    server.closeAllConnections();
  }, graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}
