import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface RawResponse {
  readonly status: number;
  /** Header text as it came. */
  readonly head: string;
  readonly bodyBytes: number;
}

/** One keep-alive connection, one request at a time, bytes as given: a client that costs as little as a client can. */
export interface RawConnection {
  exchange(request: Buffer, isHead?: boolean): Promise<RawResponse>;
  /** With a body that is made while it is sent. */
  upload(head: Buffer, body: Iterable<Buffer>): Promise<RawResponse>;
  close(): void;
}

interface Waiting {
  readonly isHead: boolean;
  readonly resolve: (response: RawResponse) => void;
  readonly reject: (error: Error) => void;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const READ_BUFFER = 1024 * 1024;

interface Parsed {
  readonly status: number;
  readonly head: string;
  readonly length: number;
}

function parseHead(bytes: Buffer, isHead: boolean): Parsed {
  const head = bytes.toString('latin1');
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length === undefined && !isHead) throw new Error(`no length: ${head}`);
  return { status: Number(head.slice(9, 12)), head, length: isHead ? 0 : Number(length) };
}

/** Once it stands; with `ca`, PEM, by TLS. */
async function openSocket(
  port: number,
  take: (bytes: Buffer) => void,
  ca?: string,
): Promise<Socket> {
  const host = '127.0.0.1';
  if (ca !== undefined) {
    const socket = connectTls({ port, host, ca });
    socket.setNoDelay(true);
    socket.on('data', take);
    await once(socket, 'secureConnect');
    return socket;
  }
  const buffer = Buffer.alloc(READ_BUFFER);
  const socket = connect({
    port,
    host,
    noDelay: true,
    onread: {
      buffer,
      callback: (count) => {
        take(buffer.subarray(0, count));
        return true;
      },
    },
  });
  await once(socket, 'connect');
  return socket;
}

/** @param ca PEM: by TLS, to who has a certificate of that authority for 127.0.0.1 */
export async function openConnection(port: number, ca?: string): Promise<RawConnection> {
  let waiting: Waiting | undefined;
  let head = Buffer.alloc(0);
  let current: Parsed | undefined;
  let left = 0;

  function fail(error: Error): void {
    waiting?.reject(error);
    waiting = undefined;
  }

  function finish(): void {
    const done = waiting;
    const parsed = current;
    waiting = undefined;
    current = undefined;
    if (parsed)
      done?.resolve({ status: parsed.status, head: parsed.head, bodyBytes: parsed.length });
  }

  function take(bytes: Buffer): void {
    if (current) {
      left -= bytes.length;
    } else {
      head = Buffer.concat([head, bytes]);
      const end = head.indexOf(END_OF_HEAD);
      if (end < 0) return;
      current = parseHead(head.subarray(0, end), waiting?.isHead ?? false);
      left = current.length - (head.length - end - END_OF_HEAD.length);
      head = Buffer.alloc(0);
    }
    if (left < 0) fail(new Error('more came than was asked for'));
    if (left === 0) finish();
  }

  const takeOrFail = (bytes: Buffer): void => {
    try {
      take(bytes);
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const socket = await openSocket(port, takeOrFail, ca);
  socket.on('error', fail);
  socket.on('close', () => {
    fail(new Error('the connection ended'));
  });

  function answer(isHead: boolean): Promise<RawResponse> {
    if (waiting) throw new Error('one request at a time');
    return new Promise((resolve, reject) => {
      waiting = { isHead, resolve, reject };
    });
  }

  return {
    exchange: (request, isHead = false) => {
      const response = answer(isHead);
      socket.write(request);
      return response;
    },
    upload: async (start, body) => {
      const response = answer(false);
      socket.write(start);
      for (const chunk of body) {
        if (!socket.write(chunk)) await once(socket, 'drain');
      }
      return response;
    },
    close: () => {
      socket.destroy();
    },
  };
}
