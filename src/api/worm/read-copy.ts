import { createHash } from 'node:crypto';
import { ReleaseError } from '../../contract/errors';
import { WormManifestFile } from '../../contract/schema/worm-manifest';
import type { Digest } from '../../domain/digest';
import type { WormManifest, WormVersion } from '../../domain/worm/manifest';
import type { RecordedWormCopy } from '../../ports/worm-copies';
import type { WormStore } from '../../ports/worm-store';

const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

type Reads = Pick<WormStore, 'read'>;

function corrupt(key: string, found: string): ReleaseError {
  return new ReleaseError('WORM_CORRUPT', `${key}: it holds ${found}`, {
    details: { remedy: 'read all of the copy back: plura reg hold verify' },
  });
}

/** Throws WORM_CORRUPT at its end, unless it was what the digest says. */
export async function* readHashed(
  store: Reads,
  version: WormVersion,
  digest: Digest,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  for await (const chunk of await store.read(version)) {
    hash.update(chunk);
    yield chunk;
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw corrupt(version.key, found);
}

export interface CopyFile {
  readonly bytes: Buffer;
  readonly manifest: WormManifest;
}

/** The manifest of hashes as it lies in the store. @throws ReleaseError WORM_CORRUPT */
export async function readCopyFile(
  store: Reads,
  at: NonNullable<RecordedWormCopy['manifest']>,
): Promise<CopyFile> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of readHashed(store, at, at.digest)) {
    size += chunk.length;
    if (size > MAX_MANIFEST_BYTES) throw corrupt(at.key, 'too much');
    parts.push(chunk);
  }
  const bytes = Buffer.concat(parts, size);
  const parsed = WormManifestFile.safeParse(JSON.parse(bytes.toString('utf8')));
  if (!parsed.success) throw corrupt(at.key, 'no manifest of ours');
  return { bytes, manifest: parsed.data };
}
