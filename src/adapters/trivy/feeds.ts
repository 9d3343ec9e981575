import { SUPPLIER } from '../../domain/advisories/suppliers';
import { bucketOf, type BucketRef } from './bolt/page';
import type { BoltFile } from './bolt/bolt-file';

/** Buckets that hold something other than packages. */
const NO_FEEDS: readonly string[] = [
  'advisory-detail',
  'data-source',
  'Red Hat CPE',
  'vulnerability',
  'vulnerability-detail',
  'vulnerability-id',
];

/** A bucket of packages: of one release of a distribution, or of one source for a language. */
export interface Feed {
  readonly name: string;
  /** As in `Component`. */
  readonly space: string;
  readonly bucket: BucketRef;
}

/** `seal npm::Seal` and `npm::GitHub Security Advisory Npm` are asked for npm, `debian 12` for itself. */
function spaceOf(name: string): string {
  const end = name.indexOf('::');
  if (end < 0) {
    return name;
  }
  const space = name.slice(0, end);
  return space.startsWith(SUPPLIER) ? space.slice(SUPPLIER.length) : space;
}

/** By name, in the order of the file. */
export async function readFeeds(bolt: BoltFile): Promise<readonly Feed[]> {
  const feeds: Feed[] = [];
  for await (const entries of bolt.walk(bolt.root)) {
    for (const entry of entries) {
      const name = entry.key.toString('utf8');
      if (entry.isBucket && !NO_FEEDS.includes(name)) {
        feeds.push({ name, space: spaceOf(name), bucket: bucketOf(entry) });
      }
    }
  }
  return feeds;
}
