import { scannerUnavailable } from '../run';
import { PAGE_HEADER } from './meta';

const BRANCH = 1;
const LEAF = 2;
const ELEMENT = 16;
const IS_BUCKET = 1;
const BUCKET_HEADER = 16;

export interface Child {
  readonly key: Buffer;
  readonly page: number;
}

export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
  /** Whether the value is a bucket: `bucketOf` reads it. */
  readonly isBucket: boolean;
}

/** A bucket small enough lies in its entry, another has pages of its own. */
export type BucketRef =
  { readonly root: number } | { readonly inline: readonly Entry[] };

export type Page =
  | { readonly kind: 'branch'; readonly children: readonly Child[] }
  | { readonly kind: 'leaf'; readonly entries: readonly Entry[] };

export function damaged(what: string): Error {
  return scannerUnavailable(`its vulnerability database is damaged: ${what}`);
}

function slice(bytes: Buffer, start: number, length: number): Buffer {
  if (start + length > bytes.length) {
    throw damaged('an entry reaches beyond its page');
  }
  return bytes.subarray(start, start + length);
}

function readChild(bytes: Buffer, at: number): Child {
  const key = slice(bytes, at + bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4));
  return { key, page: Number(bytes.readBigUInt64LE(at + 8)) };
}

function readEntry(bytes: Buffer, at: number): Entry {
  const start = at + bytes.readUInt32LE(at + 4);
  const keyLength = bytes.readUInt32LE(at + 8);
  return {
    key: slice(bytes, start, keyLength),
    value: slice(bytes, start + keyLength, bytes.readUInt32LE(at + 12)),
    isBucket: (bytes.readUInt32LE(at) & IS_BUCKET) !== 0,
  };
}

function readElements<T extends { readonly key: Buffer }>(
  bytes: Buffer,
  read: (bytes: Buffer, at: number) => T,
): readonly T[] {
  const count = bytes.readUInt16LE(10);
  if (PAGE_HEADER + count * ELEMENT > bytes.length) {
    throw damaged('a page promises more than it holds');
  }
  const elements = Array.from({ length: count }, (_, index) =>
    read(bytes, PAGE_HEADER + index * ELEMENT),
  );
  elements.forEach((element, index) => {
    const before = elements[index - 1];
    if (before && before.key.compare(element.key) >= 0) {
      throw damaged('keys are out of order');
    }
  });
  return elements;
}

/** Pages that follow this one and belong to it. */
export function overflowOf(bytes: Buffer): number {
  return bytes.readUInt32LE(12);
}

/** @throws ReleaseError SCANNER_UNAVAILABLE when it is not the page that it should be */
export function readPage(bytes: Buffer, id: number): Page {
  const flags = bytes.readUInt16LE(8);
  if (bytes.readBigUInt64LE(0) !== BigInt(id) || (flags !== BRANCH && flags !== LEAF)) {
    throw damaged(`page ${id} is not there`);
  }
  return flags === BRANCH
    ? { kind: 'branch', children: readElements(bytes, readChild) }
    : { kind: 'leaf', entries: readElements(bytes, readEntry) };
}

/** @throws ReleaseError SCANNER_UNAVAILABLE when the value is no bucket */
export function bucketOf({ value }: Entry): BucketRef {
  if (value.length < BUCKET_HEADER) {
    throw damaged('a bucket is cut off');
  }
  const root = Number(value.readBigUInt64LE(0));
  if (root !== 0) {
    return { root };
  }
  const inline = value.subarray(BUCKET_HEADER);
  if (inline.length < PAGE_HEADER || inline.readUInt16LE(8) !== LEAF) {
    throw damaged('a bucket within an entry is cut off');
  }
  return { inline: readElements(inline, readEntry) };
}
