import { read } from 'node:fs';
import type { Socket } from 'node:net';
import { borrowBuffers, type BufferPool } from './buffer-pool';

/** `unread`: nothing was sent, since nothing could be read. `broken`: some was, and there is no more. `gone`: nobody takes it. */
export type Sent = 'whole' | 'unread' | 'broken' | 'gone';

interface Sending {
  /** Stays open until the result is there. */
  readonly fd: number;
  readonly start: number;
  readonly length: number;
  readonly socket: Socket;
  /** Just before the first byte; what it writes goes out in one piece with that. */
  readonly onBegin: () => void;
}

/** One is read into while the kernel takes the other. */
const BUFFERS = 2;

function pump(
  { fd, start, length, socket, onBegin }: Sending,
  pool: BufferPool,
  resolve: (sent: Sent) => void,
): void {
  const loan = borrowBuffers(pool, BUFFERS);
  let at = start;
  let unread = length;
  let unsent = length;
  let isReading = false;
  let ended: Sent | null = null;

  // Not while a read is under way: who waits for this closes the file, and another may then have its number.
  function end(outcome: Sent): void {
    ended = outcome;
    if (isReading) return;
    socket.off('close', onClose);
    // What broke off may still be on its way out of that memory.
    if (outcome !== 'broken') loan.end();
    resolve(outcome);
  }

  function onClose(): void {
    if (ended === null) end('gone');
  }

  function send(buffer: Buffer, bytes: number): void {
    const isFirst = at === start;
    at += bytes;
    unread -= bytes;
    if (isFirst) {
      socket.cork();
      onBegin();
    }
    socket.write(buffer.subarray(0, bytes), () => {
      // A destroyed socket says so by its close, when it has let go of the memory.
      if (ended !== null || socket.destroyed) return;
      unsent -= bytes;
      loan.release(buffer);
      if (unsent === 0) end('whole');
      else readOn();
    });
    if (isFirst) socket.uncork();
  }

  function readOn(): void {
    const buffer = isReading || unread === 0 ? undefined : loan.take();
    if (!buffer) return;
    isReading = true;
    read(fd, buffer, 0, Math.min(buffer.length, unread), at, (error, bytes) => {
      isReading = false;
      if (ended !== null) end(ended);
      else if (error !== null || bytes === 0) end(at === start ? 'unread' : 'broken');
      else if (!socket.destroyed) {
        send(buffer, bytes);
        readOn();
      }
    });
  }

  socket.once('close', onClose);
  readOn();
}

/**
 * Bytes of a file to a socket, read no faster than the kernel takes them. A file stream would allocate each piece; here the same
 * memory is read into and written from.
 */
export function sendFile(sending: Sending, pool: BufferPool): Promise<Sent> {
  const { length, socket, onBegin } = sending;
  if (socket.destroyed) return Promise.resolve('gone');
  if (length > 0) {
    return new Promise((resolve) => {
      pump(sending, pool, resolve);
    });
  }
  onBegin();
  return Promise.resolve('whole');
}
