import type { ServerResponse } from 'node:http';
import type { Answering } from './answer-reader';
import { openBlobLine, type BlobLine } from './blob-line';
import type { BackendRequest } from './backend';
import type { Head } from './dispatch';

export type BlobRequest = Pick<BackendRequest, 'path' | 'headers' | 'signal'>;

/** Takes the head that the client is to see; what it gives is written. */
export type HeadersOf = (head: Head) => Readonly<Record<string, string>>;

interface PipeOptions {
  readonly origin: string;
  readonly socketPath: string | null;
  /** Our own, credentials. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly idleMs: number;
}

export interface BlobPipe {
  /** True: all of it went to the client, or it is clear to it that not. False: nothing was sent; ask the registry by `send`. */
  readonly pipe: (
    request: BlobRequest,
    response: ServerResponse,
    headersOf: HeadersOf,
  ) => Promise<boolean>;
  close(): void;
}

const MAX_IDLE = 64;
/** A registry that redirects to its storage never answers plainly: after some misses it is tried only now and then. */
const MAX_MISSES = 5;
const TRY_EVERY = 100;
const UNSAFE = /[\r\n\0]/;

/** Writes to the client's socket itself: a response would hold each piece back for a tick, and with it the memory it is in. */
function toClient(
  response: ServerResponse,
  headersOf: HeadersOf,
  over: (isDone: boolean) => void,
): Answering | null {
  const { socket } = response;
  // Null while an earlier response of the same connection is still on its way.
  if (!socket) return null;
  let goOn: (() => void) | null = null;
  const onWritten = (): void => {
    if (!goOn || socket.writableLength > 0) return;
    const next = goOn;
    goOn = null;
    next();
  };
  return {
    head: (head) => {
      if (response.destroyed) return false;
      response.writeHead(head.status, headersOf(head));
      socket.cork();
      response.flushHeaders();
      process.nextTick(() => {
        socket.uncork();
      });
      return true;
    },
    data: (chunk, next) => {
      socket.write(chunk, onWritten);
      if (socket.writableLength === 0) return true;
      goOn = next;
      return false;
    },
    over: (outcome) => {
      if (outcome === 'whole') response.end();
      if (outcome === 'broken') response.destroy();
      over(outcome !== 'unusable');
    },
  };
}

function requestText(path: string, headers: Readonly<Record<string, string>>): string | null {
  const fields = Object.entries(headers);
  if (fields.some(([name, value]) => UNSAFE.test(name + value)) || UNSAFE.test(path)) return null;
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** Blobs of a registry that speaks plain HTTP, with as little in between as can be. */
export function createBlobPipe(options: PipeOptions): BlobPipe {
  const { headers: own, timeoutMs, idleMs } = options;
  const { hostname, host, port } = new URL(options.origin);
  const to =
    options.socketPath === null
      ? { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80), noDelay: true }
      : { path: options.socketPath };
  const idle: BlobLine[] = [];
  const all = new Set<BlobLine>();
  let misses = 0;

  function takeLine(): BlobLine {
    const waiting = idle.pop();
    if (waiting) return waiting;
    const line = openBlobLine({
      to,
      idleMs,
      onIdle: (free) => {
        if (idle.length < MAX_IDLE) idle.push(free);
        else free.destroy();
      },
      onGone: (gone) => {
        all.delete(gone);
        const at = idle.indexOf(gone);
        if (at >= 0) idle.splice(at, 1);
      },
    });
    all.add(line);
    return line;
  }

  return {
    pipe: (request, response, headersOf) =>
      new Promise((resolve) => {
        const { path, headers } = request;
        const text = requestText(path, { ...headers, ...own, host });
        const answering = toClient(response, headersOf, resolve);
        const isTried = misses < MAX_MISSES || misses % TRY_EVERY === 0;
        if (text === null || answering === null || request.signal.aborted || !isTried) {
          misses += isTried ? 0 : 1;
          resolve(false);
          return;
        }
        const line = takeLine();
        const onAbort = (): void => {
          line.destroy();
        };
        request.signal.addEventListener('abort', onAbort, { once: true });
        const over: Answering['over'] = (outcome) => {
          request.signal.removeEventListener('abort', onAbort);
          misses = outcome === 'unusable' ? misses + 1 : 0;
          answering.over(outcome);
        };
        line.ask(text, { ...answering, over }, timeoutMs);
      }),
    close: () => {
      all.forEach((line) => {
        line.destroy();
      });
    },
  };
}
