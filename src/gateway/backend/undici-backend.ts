import { Readable } from 'node:stream';
import { Pool } from 'undici';
import type { Backend, BackendRequest, BackendResponse } from './backend';
import { startRequest, type Head, type Sink } from './dispatch';
import { backendFailure, backendNonsense, isLostConnection } from './failures';

interface BackendOptions {
  /** Scheme, host and port of the registry. */
  readonly url: string;
  readonly credentials?: { readonly username: string; readonly password: string };
  /** How long the registry may take to begin an answer, and between two chunks of one. Default: 60 s. */
  readonly timeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Below the usual idle limit of load balancers (60 s): the side that sends should be the one that closes. */
const KEEP_ALIVE_MS = 15_000;
/** Of an answer that waits for a slow client. */
const ANSWER_BUFFER = 64 * 1024;

/** An answer as a stream: what the reader does not take yet stays in the registry's socket. */
function streamSink(
  resolve: (answer: BackendResponse) => void,
  reject: (error: Error) => void,
): Sink {
  let body: Readable | undefined;
  let isOver = false;
  return {
    head: ({ status, headers }, control) => {
      body = new Readable({
        highWaterMark: ANSWER_BUFFER,
        read: () => {
          control.resume();
        },
        destroy: (error, done) => {
          if (!isOver) control.abort(error ?? new Error('no longer wanted'));
          done(error);
        },
      });
      resolve({ status, headers, body });
    },
    data: (chunk, control) => {
      if (body?.push(chunk) === false) control.pause();
    },
    end: () => {
      isOver = true;
      body?.push(null);
    },
    fail: (error) => {
      isOver = true;
      if (body) body.destroy(error);
      else reject(error);
    },
  };
}

type WholeAnswer = Head & { readonly body: Buffer };

function wholeSink(
  maxBytes: number,
  resolve: (answer: WholeAnswer) => void,
  reject: (error: Error) => void,
): Sink {
  let head: Head | undefined;
  let size = 0;
  const chunks: Buffer[] = [];
  return {
    head: (got) => {
      head = got;
    },
    data: (chunk, control) => {
      size += chunk.length;
      if (size > maxBytes) control.abort(backendNonsense(`the answer is over ${maxBytes} bytes`));
      else chunks.push(chunk);
    },
    end: () => {
      const [first] = chunks;
      const body = chunks.length === 1 && first ? first : Buffer.concat(chunks, size);
      if (head) resolve({ ...head, body });
    },
    fail: reject,
  };
}

/** The registry over HTTP(S), with connections that are kept. */
export function createBackend({ url, credentials, timeoutMs = 60_000 }: BackendOptions): Backend {
  const { origin } = new URL(url);
  const pool = new Pool(origin, {
    // A request of a client needs few of ours at once, so the server's own limit bounds this too.
    connections: null,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
  });
  const own: Record<string, string> = credentials
    ? {
        authorization: `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`,
      }
    : {};

  function start(request: BackendRequest, sink: Sink): void {
    const headersTimeout = request.answerWithinMs ?? timeoutMs;
    startRequest(
      pool,
      request,
      { ...request.headers, ...own },
      { headersTimeout, bodyTimeout: timeoutMs },
      sink,
    );
  }

  /** A read that met a connection which the registry had just closed is sent once more. */
  async function answered<T>(request: BackendRequest, attempt: () => Promise<T>): Promise<T> {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    try {
      return await attempt().catch((error: unknown) => {
        if (isRead && isLostConnection(error) && !request.signal.aborted) return attempt();
        throw error;
      });
    } catch (error) {
      throw backendFailure(error);
    }
  }

  return {
    send: (request) =>
      answered(
        request,
        () =>
          new Promise((resolve, reject) => {
            start(request, streamSink(resolve, reject));
          }),
      ),
    fetch: (request, maxBytes) =>
      answered(
        request,
        () =>
          new Promise((resolve, reject) => {
            start(request, wholeSink(maxBytes, resolve, reject));
          }),
      ),
    ownPath: (location) => {
      if (!URL.canParse(location, origin)) return null;
      const found = new URL(location, origin);
      return found.origin === origin ? found.pathname + found.search : null;
    },
    close: () => pool.destroy(),
  };
}
