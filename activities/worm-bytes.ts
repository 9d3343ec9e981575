import { createHash } from 'node:crypto';
import { ReleaseError } from '../src/contract/errors';
import { WormManifestFile } from '../src/contract/schema/worm-manifest';
import type { Digest } from '../src/domain/digest';
import type { WormManifest, WormVersion } from '../src/domain/worm/manifest';
import type { RecordedWormCopy } from '../src/ports/worm-copies';
import type { WormStore } from '../src/ports/worm-store';

/** 50,000 contents, and then some. */
const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

type Reads = Pick<WormStore, 'read'>;

function notWhat(key: string, found: string): ReleaseError {
  return new ReleaseError('WORM_CORRUPT', `${key}: it holds ${found}`, {
    details: { remedy: 'find out what changed it; the digest says what it has to be' },
  });
}

export function hashOf(bytes: Buffer): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The content as it comes; throws WORM_CORRUPT at its end, unless it was what the digest says. */
export async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  digest: Digest,
  key: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw notWhat(key, found);
}

/** Reads it back, to the last byte. @throws ReleaseError WORM_CORRUPT */
export async function readBack(
  store: Reads,
  stored: WormVersion,
  digest: Digest,
  signal?: AbortSignal,
): Promise<void> {
  const chunks = hashed(await store.read(stored), digest, stored.key);
  while (!(await chunks.next()).done) signal?.throwIfAborted();
}

/** @throws ReleaseError WORM_CORRUPT when it is not what its digest says, or has more than `maxBytes` */
export async function readContent(
  store: Reads,
  stored: WormVersion,
  digest: Digest,
  maxBytes: number,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of hashed(await store.read(stored), digest, stored.key)) {
    size += chunk.length;
    if (size > maxBytes) throw notWhat(stored.key, `more than ${maxBytes} bytes`);
    parts.push(chunk);
  }
  return Buffer.concat(parts, size);
}

/** What the copy holds, by the store and not by the ledger. @throws ReleaseError WORM_CORRUPT, COPY_NOT_FOUND */
export async function readManifest(
  store: Reads,
  { id, manifest }: RecordedWormCopy,
): Promise<WormManifest> {
  if (!manifest) {
    throw new ReleaseError('COPY_NOT_FOUND', `The copy ${id} is not complete`, {
      details: { remedy: 'see how far it is: plura reg hold show' },
    });
  }
  const bytes = await readContent(store, manifest, manifest.digest, MAX_MANIFEST_BYTES);
  const parsed = WormManifestFile.safeParse(JSON.parse(bytes.toString('utf8')));
  if (parsed.success) return parsed.data;
  throw notWhat(manifest.key, 'no manifest of ours');
}
