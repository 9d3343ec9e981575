/** What a bbolt file says of itself (go.etcd.io/bbolt, internal/common/meta.go). */
export interface BoltMeta {
  readonly pageSize: number;
  /** Page of the bucket that holds all others. */
  readonly root: number;
  /** One beyond the last page in use. */
  readonly pages: number;
  readonly transaction: bigint;
}

export const PAGE_HEADER = 16;
const META_SIZE = 64;
/** Of the first meta page and what may be the second. */
export const META_BYTES = PAGE_HEADER + META_SIZE;

const MAGIC = 0xed0cdaed;
const VERSION = 2;
const CHECKED = 56;
const MIN_PAGE = 512;
const MAX_PAGE = 65_536;

function fnv64a(bytes: Buffer): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash;
}

/** Null when these bytes, from the start of a page, are no meta page in good order. */
export function readMeta(bytes: Buffer): BoltMeta | null {
  if (bytes.length < META_BYTES) {
    return null;
  }
  const meta = bytes.subarray(PAGE_HEADER, META_BYTES);
  const pageSize = meta.readUInt32LE(8);
  const known =
    meta.readUInt32LE(0) === MAGIC &&
    meta.readUInt32LE(4) === VERSION &&
    pageSize >= MIN_PAGE &&
    pageSize <= MAX_PAGE &&
    (pageSize & (pageSize - 1)) === 0;
  if (!known || meta.readBigUInt64LE(CHECKED) !== fnv64a(meta.subarray(0, CHECKED))) {
    return null;
  }
  return {
    pageSize,
    root: Number(meta.readBigUInt64LE(16)),
    pages: Number(meta.readBigUInt64LE(40)),
    transaction: meta.readBigUInt64LE(48),
  };
}
