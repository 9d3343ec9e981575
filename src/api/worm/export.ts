import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import type { StoredItem } from '../../domain/worm/manifest';
import type { WormStore } from '../../ports/worm-store';
import { layoutFiles, pathOf } from './layout';
import { readHashed, type CopyFile } from './read-copy';

type Reads = Pick<WormStore, 'read'>;

function addBytes(tar: Pack, name: string, bytes: Buffer, mtime: Date): void {
  tar.entry({ name, size: bytes.length, mtime, mode: 0o644 }, bytes);
}

async function addItem(tar: Pack, store: Reads, item: StoredItem, mtime: Date): Promise<void> {
  const name = item.role === 'evidence' ? 'incident/evidence.json' : pathOf(item);
  const entry = tar.entry({ name, size: item.size, mtime, mode: 0o644 });
  await pipeline(Readable.from(readHashed(store, item, item.digest)), entry);
}

async function fill(tar: Pack, store: Reads, { bytes, manifest }: CopyFile): Promise<void> {
  const mtime = new Date(manifest.requestedAt);
  for (const { path, text } of layoutFiles(manifest)) {
    addBytes(tar, path, Buffer.from(text), mtime);
  }
  addBytes(tar, 'incident/manifest.json', bytes, mtime);
  for (const item of manifest.items) await addItem(tar, store, item, mtime);
  tar.finalize();
}

/** A tar of the copy as an OCI image layout, read and hashed on the way; it breaks off where a content is not what it was. */
export function exportCopy(store: Reads, file: CopyFile): Readable {
  const tar = pack();
  fill(tar, store, file).catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  return Readable.from(tar, { objectMode: false });
}
