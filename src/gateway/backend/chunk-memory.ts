import type { Socket } from 'node:net';

/** Since Node 21; the `lib` we compile against is older. */
type Transferable = ArrayBuffer & { transfer(length: number): ArrayBuffer };

const disposable = new WeakSet<Buffer>();

/** Says that nobody else holds the bytes of this chunk: they go once they were written. */
export function makeDisposable(chunk: unknown): void {
  if (!Buffer.isBuffer(chunk)) return;
  const isWhole = chunk.byteOffset === 0 && chunk.buffer.byteLength === chunk.length;
  if (isWhole) disposable.add(chunk);
}

function dispose(chunk: Buffer): void {
  if (disposable.delete(chunk)) (chunk.buffer as Transferable).transfer(0);
}

type Write = (chunk: unknown, ...rest: readonly unknown[]) => boolean;

/**
 * Gives the memory of each disposable chunk back when the kernel has it. Left to the collector, the pieces of large uploads fill
 * the process with garbage faster than it looks, and half of the time goes into new pages and collections.
 */
export function disposeAfterWrite(socket: Socket): void {
  const write = socket.write.bind(socket) as Write;
  const replaced: Write = (chunk, ...rest) => {
    if (!Buffer.isBuffer(chunk) || rest.length > 0 || !disposable.has(chunk)) {
      return write(chunk, ...rest);
    }
    return write(chunk, () => {
      dispose(chunk);
    });
  };
  socket.write = replaced;
}
