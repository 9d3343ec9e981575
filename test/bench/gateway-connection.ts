import { once } from 'node:events';
import { connect } from 'node:net';

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

export async function openConnection(port: number): Promise<RawConnection> {
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

  const buffer = Buffer.alloc(READ_BUFFER);
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer,
      callback: (count) => {
        try {
          take(buffer.subarray(0, count));
        } catch (error) {
          fail(error instanceof Error ? error : new Error(String(error)));
        }
        return true;
      },
    },
  });
  socket.on('error', fail);
  socket.on('close', () => {
    fail(new Error('the connection ended'));
  });
  await once(socket, 'connect');

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
