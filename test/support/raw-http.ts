import { connect } from 'node:net';

export interface RawAnswer {
  /** Status of each response on the connection, in order. */
  readonly statuses: readonly number[];
  readonly text: string;
  /** The server ended the connection. */
  readonly closed: boolean;
}

/** Silence after which nothing more will come: longer before the first byte, while the server works. */
const QUIET_MS = 400;
const FIRST_BYTE_MS = 5000;
const MAX_MS = 20_000;

/** Sends bytes as they are, which no HTTP client would, and gathers what comes back until the end or silence. */
export function sendRaw(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    let closed = false;
    let quiet: NodeJS.Timeout | undefined;
    const finish = (): void => {
      clearTimeout(quiet);
      clearTimeout(limit);
      socket.destroy();
      const text = Buffer.concat(chunks).toString('latin1');
      const statuses = [...text.matchAll(/^HTTP\/1\.[01] (\d{3}) /gm)].map(([, code]) =>
        Number(code),
      );
      resolve({ statuses, text, closed });
    };
    const limit = setTimeout(finish, MAX_MS);
    const restart = (): void => {
      clearTimeout(quiet);
      quiet = setTimeout(finish, chunks.length > 0 ? QUIET_MS : FIRST_BYTE_MS);
    };
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      restart();
    });
    socket.on('drain', restart);
    // A refused connection is reset while we still write.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      closed = true;
      finish();
    });
    socket.on('connect', () => {
      socket.write(bytes);
      restart();
    });
  });
}

export interface RawRequest {
  readonly method?: string;
  /** The request target as it goes on the wire. */
  readonly target: string;
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
}

/** A well-formed HTTP/1.1 request around whatever target and header lines the test gives. */
export function rawRequest({ method = 'GET', target, headers = [], body }: RawRequest): Buffer {
  const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: registry.test', 'Connection: close'];
  const head = [...lines, ...headers, ...length, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body ?? '')]);
}
