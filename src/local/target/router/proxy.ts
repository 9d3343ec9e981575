import { request, type Agent, type IncomingMessage, type ServerResponse } from 'node:http';

/** RFC 9110, section 7.6.1: these speak of one connection and aren't passed on. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Statuses of the router itself; 499 is a client that went away. */
const ROUTER_CODES = { badGateway: 502, timeout: 504, clientGone: 499 } as const;

export interface ForwardInput {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly port: number;
  /** False: a connection for this request alone. */
  readonly agent: Agent | false;
  readonly timeoutMs: number;
  readonly extraHeaders: Readonly<Record<string, string>>;
}

export interface Forwarded {
  readonly code: number;
  /** Empty when the track answered. */
  readonly problem: string;
}

/** Passes a request on and streams the answer back; resolves when it is over and never rejects. */
export function forward(input: ForwardInput): Promise<Forwarded> {
  return new Promise((resolve) => {
    attempt(input, resolve, canRepeat(input.incoming));
  });
}

/** Without a body, and safe to send twice (RFC 9110, section 9.2.2). */
function canRepeat({ method, headers }: IncomingMessage): boolean {
  const bodyless = headers['content-length'] === undefined && !headers['transfer-encoding'];
  return bodyless && (method === 'GET' || method === 'HEAD' || method === 'OPTIONS');
}

function attempt(
  input: ForwardInput,
  done: (result: Forwarded) => void,
  repeatable: boolean,
): void {
  const { incoming, outgoing, port, agent, timeoutMs } = input;
  const upstream = request({
    host: '127.0.0.1',
    port,
    method: incoming.method,
    path: incoming.url,
    headers: endToEnd(incoming.headers),
    // A body can't be sent twice, so it never meets a kept connection that the server is just closing.
    agent: repeatable ? agent : false,
    timeout: timeoutMs,
  });
  const leave = (): void => {
    if (!outgoing.writableFinished) {
      upstream.destroy();
    }
  };
  outgoing.once('close', leave);

  const fail = (code: number, problem: string): void => {
    outgoing.off('close', leave);
    refuse(outgoing, code, problem, input.extraHeaders);
    done({ code, problem });
  };
  upstream.once('timeout', () => {
    upstream.destroy(new Error(`no answer for ${timeoutMs} ms`));
  });
  upstream.once('error', (error: NodeJS.ErrnoException) => {
    if (outgoing.destroyed) {
      done({ code: ROUTER_CODES.clientGone, problem: 'the client went away' });
    } else if (repeatable && upstream.reusedSocket && error.code === 'ECONNRESET') {
      outgoing.off('close', leave);
      attempt({ ...input, agent: false }, done, false);
    } else {
      const late = error.message.startsWith('no answer');
      fail(late ? ROUTER_CODES.timeout : ROUTER_CODES.badGateway, error.message);
    }
  });
  upstream.once('response', (answer) => {
    relay(answer, input, done);
  });
  incoming.pipe(upstream);
}

function relay(
  answer: IncomingMessage,
  { outgoing, extraHeaders }: ForwardInput,
  done: (result: Forwarded) => void,
): void {
  const code = answer.statusCode ?? ROUTER_CODES.badGateway;
  outgoing.writeHead(code, { ...endToEnd(answer.headers), ...extraHeaders });
  answer.pipe(outgoing);
  outgoing.once('finish', () => {
    done({ code, problem: '' });
  });
  answer.once('error', () => {
    // Half an answer is none: the client sees the connection break, the track gets the blame.
    outgoing.destroy();
    done({ code: ROUTER_CODES.badGateway, problem: 'the answer broke off' });
  });
  outgoing.once('close', () => {
    done({ code: outgoing.writableFinished ? code : ROUTER_CODES.clientGone, problem: '' });
  });
}

function refuse(
  outgoing: ServerResponse,
  code: number,
  problem: string,
  headers: Readonly<Record<string, string>>,
): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', ...headers });
  outgoing.end(`${problem}\n`);
}

function endToEnd<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  const named = String(headers['connection'] ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && !named.includes(name)),
  );
}
