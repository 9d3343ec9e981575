import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { createAnswerReader, type Answering } from './answer-reader';

/** A host that does not answer at all is known to be gone sooner than one that thinks. */
export const CONNECT_TIMEOUT_MS = 5_000;

/** One connection to the registry, for one request at a time. */
export interface RegistryLine {
  ask(request: string, answering: Answering, timeoutMs: number): void;
  destroy(): void;
}

interface LineOptions {
  readonly to: NetConnectOpts;
  /** Memory for what the kernel gives at once: the same at each read, where Node would take new one. */
  readonly bufferBytes: number;
  readonly idleMs: number;
  /** It can be asked again. */
  readonly onIdle: (line: RegistryLine) => void;
  readonly onGone: (line: RegistryLine) => void;
}

/**
 * A GET over a bare socket. An HTTP client copies or allocates each piece of a body, which for large layers is most of the
 * gateway's work, and what it does around a small one costs as much as the rest of the gateway; here the bytes of a read are
 * taken from where they were read. Anything but a plain answer with a length is left to the HTTP client.
 */
export function openRegistryLine({
  to,
  bufferBytes,
  idleMs,
  onIdle,
  onGone,
}: LineOptions): RegistryLine {
  const buffer = Buffer.allocUnsafeSlow(bufferBytes);
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
  let isLate = false;
  // A client that takes nothing is the server's to judge; a registry that sends nothing is ours.
  socket.on('timeout', () => {
    if (reader.isHeld()) return;
    isLate = true;
    socket.destroy();
  });
  socket.on('error', () => undefined);
  socket.on('end', () => socket.destroy());
  socket.on('close', () => {
    onGone(line);
    reader.end(isLate);
  });
  const line: RegistryLine = {
    ask: (request, answering, timeoutMs) => {
      reader.start(answering);
      socket.setTimeout(socket.connecting ? Math.min(CONNECT_TIMEOUT_MS, timeoutMs) : timeoutMs);
      if (socket.connecting) socket.once('connect', () => socket.setTimeout(timeoutMs));
      socket.write(request, 'latin1');
    },
    destroy: () => {
      socket.destroy();
    },
  };
  return line;
}
