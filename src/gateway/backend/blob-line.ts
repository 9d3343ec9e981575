import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { createAnswerReader, type Answering } from './answer-reader';

/** What the kernel gives at once; the same memory at each read, where Node would take new one. */
const READ_BUFFER = 512 * 1024;

/** One connection to the registry, for one request at a time. */
export interface BlobLine {
  ask(request: string, answering: Answering, timeoutMs: number): void;
  destroy(): void;
}

interface LineOptions {
  readonly to: NetConnectOpts;
  readonly idleMs: number;
  /** It can be asked again. */
  readonly onIdle: (line: BlobLine) => void;
  readonly onGone: (line: BlobLine) => void;
}

/**
 * A GET over a bare socket. An HTTP client copies or allocates each piece of a body, which for large layers is most of the
 * gateway's work; here the bytes of a read are written on from where they were read. Anything but a plain answer with a length
 * is left to the HTTP client.
 */
export function openBlobLine({ to, idleMs, onIdle, onGone }: LineOptions): BlobLine {
  const buffer = Buffer.allocUnsafeSlow(READ_BUFFER);
  const reader = createAnswerReader({
    onOver: (isReusable) => {
      if (!isReusable) {
        socket.destroy();
        return;
      }
      socket.setTimeout(idleMs);
      onIdle(line);
    },
    // The socket reads into the one buffer: not before it is free.
    onFree: () => {
      socket.resume();
    },
  });
  const socket: Socket = connect({
    ...to,
    onread: { buffer, callback: (bytes) => reader.read(buffer.subarray(0, bytes)) },
  });
  socket.setTimeout(idleMs);
  // A client that takes nothing is the server's to judge; a registry that sends nothing is ours.
  socket.on('timeout', () => {
    if (!reader.isHeld()) socket.destroy();
  });
  socket.on('error', () => undefined);
  socket.on('end', () => socket.destroy());
  socket.on('close', () => {
    onGone(line);
    reader.end();
  });
  const line: BlobLine = {
    ask: (request, answering, timeoutMs) => {
      reader.start(answering);
      socket.setTimeout(timeoutMs);
      socket.write(request, 'latin1');
    },
    destroy: () => {
      socket.destroy();
    },
  };
  return line;
}
