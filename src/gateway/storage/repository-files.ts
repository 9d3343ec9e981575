import path from 'node:path';
import { isDigest, type Digest } from '../../domain/digest';
import { whileOthersGoOn, type FileReads, type Length } from './file-reads';

/**
 * What a repository has, as the registry itself finds out: by a link of the repository beside the bytes, which lie in one place for
 * all of them. Null: not there, or not to be read; only the registry can say.
 */
export interface RepositoryFiles {
  manifest(repository: string, digest: Digest, length: Length): Promise<Buffer | null>;
  blob(repository: string, digest: Digest, length: Length): Promise<Buffer | null>;
  tagged(repository: string, tag: string): Promise<Digest | null>;
}

/** Where distribution v2 and v3 keep everything (registry/storage/paths.go). */
export const ROOT = 'docker/registry/v2';
/** A digest, perhaps with an end of line. */
const MAX_LINK_BYTES = 100;

const hexOf = (digest: Digest): string => digest.slice('sha256:'.length);

export function blobFile(dir: string, digest: Digest): string {
  const hex = hexOf(digest);
  return path.join(dir, ROOT, 'blobs', 'sha256', hex.slice(0, 2), hex, 'data');
}

/** Whatever the reason: the registry is asked next, and has its own word on it. */
async function orNull<T>(reading: Promise<T | null>): Promise<T | null> {
  try {
    return await reading;
  } catch {
    return null;
  }
}

export function createRepositoryFiles(
  dir: string,
  reads: FileReads = whileOthersGoOn,
): RepositoryFiles {
  const below = (repository: string, ...rest: readonly string[]): string =>
    path.join(dir, ROOT, 'repositories', repository, ...rest, 'link');

  async function linked(link: string, digest: Digest, length: Length): Promise<Buffer | null> {
    const [size, bytes] = await Promise.all([
      reads.size(link),
      reads.whole(blobFile(dir, digest), length),
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
        (await orNull(reads.whole(link, { maxBytes: MAX_LINK_BYTES })))
          ?.toString('latin1')
          .trim() ?? '';
      return isDigest(text) ? text : null;
    },
  };
}
