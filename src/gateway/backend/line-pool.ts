import type { Answering } from './answer-reader';
import { openRegistryLine, type RegistryLine } from './registry-line';

export interface LineTarget {
  /** Scheme `http:`, host and port. */
  readonly origin: string;
  /** Of its Unix socket, when it listens on none of TCP. */
  readonly socketPath: string | null;
  /** Our own, credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** How long the registry may take to begin an answer, and between two pieces of one. */
  readonly timeoutMs: number;
  readonly idleMs: number;
}

export interface LineRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Connections to a registry that speaks plain HTTP, kept for the next request. */
export interface LinePool {
  /** Null when path or a header holds what no request line or field may. */
  textOf(request: LineRequest): string | null;
  /** Sends that text; the connection is given up when the client goes away. */
  ask(text: string, signal: AbortSignal, answering: Answering): void;
  close(): void;
}

const MAX_IDLE = 64;
const PATH = /^[\x21-\x7e]+$/;
const NAME = /^[\x21-\x7e]+$/;
/** RFC 9110, 5.5: field-content; written as latin1, in which other characters would become these. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

function requestText(path: string, headers: Readonly<Record<string, string>>): string | null {
  let text = `GET ${path} HTTP/1.1\r\n`;
  if (!PATH.test(path)) return null;
  for (const [name, value] of Object.entries(headers)) {
    if (!NAME.test(name) || !VALUE.test(value)) return null;
    text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}

export function createLinePool(target: LineTarget, bufferBytes: number): LinePool {
  const { headers: own, idleMs, socketPath, timeoutMs } = target;
  const { hostname, host, port } = new URL(target.origin);
  const to =
    socketPath === null
      ? { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80), noDelay: true }
      : { path: socketPath };
  const idle: RegistryLine[] = [];
  const all = new Set<RegistryLine>();

  function takeLine(): RegistryLine {
    const waiting = idle.pop();
    if (waiting) return waiting;
    const line = openRegistryLine({
      to,
      bufferBytes,
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
    textOf: ({ path, headers }) => requestText(path, { ...headers, ...own, host }),
    ask: (text, signal, answering) => {
      const line = takeLine();
      const onAbort = (): void => {
        line.destroy();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const over: Answering['over'] = (outcome) => {
        signal.removeEventListener('abort', onAbort);
        answering.over(outcome);
      };
      line.ask(text, { ...answering, over }, timeoutMs);
    },
    close: () => {
      all.forEach((line) => {
        line.destroy();
      });
    },
  };
}
