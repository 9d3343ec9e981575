import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';

/** How many bytes it has, or at most has. Who says how many compares the digest, so that a longer file needs no look. */
export type Length = { readonly size: number } | { readonly maxBytes: number };

/** How small files are read. Null: it is not of that length. Rejects when it can't be read. */
export interface FileReads {
  readonly whole: (file: string, length: Length) => Promise<Buffer | null>;
  readonly size: (file: string) => Promise<number>;
}

/** A link in place of the file could lead anywhere, and a pipe to no end. */
export const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Manifests and lists are smaller nearly always; a look at the size is a step more on the way of a read. */
const GUESS_BYTES = 32 * 1024;

async function readExactly(handle: FileHandle, size: number): Promise<Buffer | null> {
  const bytes = Buffer.allocUnsafe(size);
  const { bytesRead } = await handle.read(bytes, 0, size, 0);
  return bytesRead === size ? bytes : null;
}

async function readUpTo(handle: FileHandle, maxBytes: number): Promise<Buffer | null> {
  const guess = Math.min(GUESS_BYTES, maxBytes);
  const bytes = Buffer.allocUnsafe(guess + 1);
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
  if (bytesRead <= guess) return bytes.subarray(0, bytesRead);
  const { size } = await handle.stat();
  return size <= maxBytes ? readExactly(handle, size) : null;
}

export const whileOthersGoOn: FileReads = {
  whole: async (file, length) => {
    const handle = await open(file, READ_ONLY);
    try {
      return 'size' in length
        ? await readExactly(handle, length.size)
        : await readUpTo(handle, length.maxBytes);
    } finally {
      // Nobody waits for it: each step on the way of a read counts.
      handle.close().catch(() => undefined);
    }
  },
  size: async (file) => (await stat(file)).size,
};

function readNow(file: string, length: Length): Buffer | null {
  const descriptor = openSync(file, READ_ONLY);
  try {
    const size = 'size' in length ? length.size : fstatSync(descriptor).size;
    if ('maxBytes' in length && size > length.maxBytes) return null;
    const bytes = Buffer.allocUnsafe(size);
    return readSync(descriptor, bytes, 0, size, 0) === size ? bytes : null;
  } finally {
    closeSync(descriptor);
  }
}

const now = <T>(read: () => T): Promise<T> =>
  new Promise((resolve) => {
    resolve(read());
  });

/** For few small files: without the way to Node's own threads and back a file takes a fraction of the time, in which nobody else is served. */
export const whileAllWaits: FileReads = {
  whole: (file, length) => now(() => readNow(file, length)),
  size: (file) => now(() => statSync(file).size),
};
