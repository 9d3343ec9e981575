import type { FileHandle } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';
import { scannerUnavailable } from '../run';
import { META_BYTES, readMeta, type BoltMeta } from './meta';
import {
  bucketOf,
  damaged,
  overflowOf,
  readPage,
  type BucketRef,
  type Entry,
  type Page,
} from './page';

/** Read at once: pages that follow each other are mostly of one tree. */
const BLOCK_BYTES = 64 * 1024;
const CACHED_BLOCKS = 256;
/** Branches and the leaves that are asked for again. Long pages are not kept. */
const CACHED_PAGES = 1024;
const MAX_CACHED_OVERFLOW = 64;
/** Far beyond the largest value; keeps what a damaged file can make us allocate small. */
const MAX_PAGE_BYTES = 64 * 1024 * 1024;
/** bbolt's trees are 4 or 5 deep with a million keys. */
const MAX_DEPTH = 32;

/** A read-only bbolt file. Methods throw ReleaseError SCANNER_UNAVAILABLE when it is damaged. */
export interface BoltFile {
  readonly root: BucketRef;
  get(bucket: BucketRef, key: Buffer): Promise<Entry | null>;
  /** All entries in order, a page at a time. */
  walk(bucket: BucketRef): AsyncGenerator<readonly Entry[], void>;
  close(): Promise<void>;
}

/** Less than `length` at the end of the file. */
async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  let read = 1;
  while (filled < length && read > 0) {
    try {
      ({ bytesRead: read } = await handle.read(bytes, filled, length - filled, position + filled));
    } catch (cause) {
      throw scannerUnavailable('its vulnerability database could not be read', cause);
    }
    filled += read;
  }
  return bytes.subarray(0, filled);
}

/** The second meta page lies behind the first, so where depends on the size of pages when the first is torn. */
async function newestMeta(handle: FileHandle): Promise<BoltMeta> {
  const first = readMeta(await readAt(handle, 0, META_BYTES));
  const sizes = first ? [first.pageSize] : [512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536];
  const others = await Promise.all(
    sizes.map(async (size) => readMeta(await readAt(handle, size, META_BYTES))),
  );
  const metas = [first, ...others].filter((meta) => meta !== null);
  const [newest] = metas.sort((a, b) => (a.transaction > b.transaction ? -1 : 1));
  if (!newest) {
    throw damaged('it does not begin as one');
  }
  return newest;
}

/** Reads pages by position, a block of them at a time; the last blocks are kept. */
function createPageReader(
  handle: FileHandle,
  { pageSize, pages }: BoltMeta,
): (id: number) => Promise<Page> {
  const blockPages = Math.max(1, BLOCK_BYTES / pageSize);
  const blocks = new LRUCache<number, Promise<Buffer>>({ max: CACHED_BLOCKS });

  async function block(index: number): Promise<Buffer> {
    const known = blocks.get(index);
    if (known) {
      return known;
    }
    const bytes = readAt(handle, index * blockPages * pageSize, blockPages * pageSize);
    blocks.set(index, bytes);
    return bytes.catch((error: unknown) => {
      blocks.delete(index);
      throw error;
    });
  }

  const cached = new LRUCache<number, Page>({ max: CACHED_PAGES });

  async function page(id: number): Promise<Page> {
    const index = Math.floor(id / blockPages);
    const at = (id - index * blockPages) * pageSize;
    const one = (await block(index)).subarray(at, at + pageSize);
    if (one.length < pageSize) {
      throw damaged(`page ${id} is cut off`);
    }
    const overflow = overflowOf(one);
    const length = (1 + overflow) * pageSize;
    if (id + overflow >= pages || length > MAX_PAGE_BYTES) {
      throw damaged(`page ${id} is too long`);
    }
    const read = readPage(overflow === 0 ? one : await readAt(handle, id * pageSize, length), id);
    if (overflow <= MAX_CACHED_OVERFLOW) {
      cached.set(id, read);
    }
    return read;
  }

  return async (id) => {
    if (!Number.isSafeInteger(id) || id < 2 || id >= pages) {
      throw damaged(`there is no page ${id}`);
    }
    return cached.get(id) ?? page(id);
  };
}

/** The last of the sorted elements that is not behind `key`; the first when all are. */
function lastBefore<T extends { readonly key: Buffer }>(
  elements: readonly T[],
  key: Buffer,
): T | undefined {
  let low = 0;
  let high = elements.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((elements[middle]?.key.compare(key) ?? 1) <= 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return elements[Math.max(0, low - 1)];
}

function entryOf(entries: readonly Entry[], key: Buffer): Entry | null {
  const found = lastBefore(entries, key);
  return found?.key.equals(key) ? found : null;
}

type ReadPage = (id: number) => Promise<Page>;

async function get(read: ReadPage, bucket: BucketRef, key: Buffer): Promise<Entry | null> {
  if ('inline' in bucket) {
    return entryOf(bucket.inline, key);
  }
  let page = await read(bucket.root);
  for (let depth = 0; page.kind === 'branch'; depth += 1) {
    const child = lastBefore(page.children, key);
    if (!child || depth > MAX_DEPTH) {
      throw damaged('its tree leads nowhere');
    }
    page = await read(child.page);
  }
  return entryOf(page.entries, key);
}

/** Every page is read once at the most, so a tree that bites its tail is found out. */
async function* walkPages(
  read: ReadPage,
  id: number,
  seen: Set<number>,
  depth = 0,
): AsyncGenerator<readonly Entry[], void> {
  if (seen.has(id) || depth > MAX_DEPTH) {
    throw damaged('its tree leads back into itself');
  }
  seen.add(id);
  const page = await read(id);
  if (page.kind === 'leaf') {
    yield page.entries;
    return;
  }
  for (const child of page.children) {
    yield* walkPages(read, child.page, seen, depth + 1);
  }
}

async function* walk(read: ReadPage, bucket: BucketRef): AsyncGenerator<readonly Entry[], void> {
  if ('inline' in bucket) {
    yield bucket.inline;
    return;
  }
  let last: Buffer | undefined;
  for await (const entries of walkPages(read, bucket.root, new Set())) {
    const first = entries[0]?.key;
    if (first && last && last.compare(first) >= 0) {
      throw damaged('keys are out of order');
    }
    // A copy: what it is part of may be large, and not needed any more.
    const end = entries.at(-1)?.key;
    last = end ? Buffer.from(end) : last;
    yield entries;
  }
}

/** @throws ReleaseError SCANNER_UNAVAILABLE when it is none, or shorter than it says */
export async function openBolt(file: FileHandle): Promise<BoltFile> {
  const meta = await newestMeta(file);
  const { size } = await file.stat();
  if (size < meta.pages * meta.pageSize) {
    throw damaged(`it has ${size} bytes of ${meta.pages * meta.pageSize}`);
  }
  const read = createPageReader(file, meta);
  return {
    root: { root: meta.root },
    get: (bucket, key) => get(read, bucket, key),
    walk: (bucket) => walk(read, bucket),
    close: () => file.close(),
  };
}

/** The bucket of this name within another; null when there is none. */
export async function bucketIn(
  bolt: BoltFile,
  parent: BucketRef,
  name: string,
): Promise<BucketRef | null> {
  const entry = await bolt.get(parent, Buffer.from(name));
  return entry?.isBucket ? bucketOf(entry) : null;
}
