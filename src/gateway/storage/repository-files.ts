import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { isDigest, type Digest } from '../../domain/digest';

/**
 * What a repository has, as the registry itself finds out: by a link of the repository beside the bytes, which lie in one place for
 * all of them. Null: not there, or not to be read; only the registry can say.
 */
export interface RepositoryFiles {
  manifest(repository: string, digest: Digest, length: Length): Promise<Buffer | null>;
  blob(repository: string, digest: Digest, length: Length): Promise<Buffer | null>;
  tagged(repository: string, tag: string): Promise<Digest | null>;
}

/** How many bytes it has, or at most has. */
export type Length = { readonly size: number } | { readonly maxBytes: number };

/** Where distribution v2 and v3 keep everything (registry/storage/paths.go). */
export const ROOT = 'docker/registry/v2';
/** A link in place of the file could lead anywhere, and a pipe to no end. */
export const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** A digest, perhaps with an end of line. */
const MAX_LINK_BYTES = 100;

const hexOf = (digest: Digest): string => digest.slice('sha256:'.length);

export function blobFile(dir: string, digest: Digest): string {
  const hex = hexOf(digest);
  return path.join(dir, ROOT, 'blobs', 'sha256', hex.slice(0, 2), hex, 'data');
}

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

/** Who asked by size compares the digest, so that a longer file needs no look. */
async function readWhole(file: string, length: Length): Promise<Buffer | null> {
  const handle = await open(file, READ_ONLY);
  try {
    return 'size' in length
      ? await readExactly(handle, length.size)
      : await readUpTo(handle, length.maxBytes);
  } finally {
    // Nobody waits for it: each step on the way of a read counts.
    handle.close().catch(() => undefined);
  }
}

/** Whatever the reason: the registry is asked next, and has its own word on it. */
async function orNull<T>(reading: Promise<T | null>): Promise<T | null> {
  try {
    return await reading;
  } catch {
    return null;
  }
}

export function createRepositoryFiles(dir: string): RepositoryFiles {
  const below = (repository: string, ...rest: readonly string[]): string =>
    path.join(dir, ROOT, 'repositories', repository, ...rest, 'link');

  async function linked(link: string, digest: Digest, length: Length): Promise<Buffer | null> {
    const [{ size }, bytes] = await Promise.all([
      stat(link),
      readWhole(blobFile(dir, digest), length),
    ]);
    // An empty link is what a write that broke off leaves behind.
    return size > 0 ? bytes : null;
  }

  return {
    manifest: (repository, digest, length) => {
      const link = below(repository, '_manifests', 'revisions', 'sha256', hexOf(digest));
      return orNull(linked(link, digest, length));
    },
    blob: (repository, digest, length) =>
      orNull(linked(below(repository, '_layers', 'sha256', hexOf(digest)), digest, length)),
    tagged: async (repository, tag) => {
      const link = below(repository, '_manifests', 'tags', tag, 'current');
      const text =
        (await orNull(readWhole(link, { maxBytes: MAX_LINK_BYTES })))?.toString('latin1').trim() ??
        '';
      return isDigest(text) ? text : null;
    },
  };
}
