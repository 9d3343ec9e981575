import { Readable } from 'node:stream';
import type { BackendResponse } from './backend';
import type { Head, Sink } from './dispatch';
import { backendNonsense } from './failures';

/** Of an answer that waits for a slow client. */
const ANSWER_BUFFER = 64 * 1024;

/** An answer as a stream: what the reader does not take yet stays in the registry's socket. */
export function streamSink(
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

/** Small answers. */
type WholeAnswer = Head & { readonly body: Buffer };

export function wholeSink(
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
