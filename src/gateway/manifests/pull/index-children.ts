import { LRUCache } from 'lru-cache';
import { isDigest, type Digest } from '../../../domain/digest';

const NONE: readonly Digest[] = [];

/**
 * The manifests that an index names; none for anything else. Goes by the content, not by the media type: a client reads
 * the content. Parsed without a schema since it decides nothing but what to look up.
 */
export function readChildren(body: Buffer): readonly Digest[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    return NONE;
  }
  if (typeof parsed !== 'object' || parsed === null || !('manifests' in parsed)) return NONE;
  if (!Array.isArray(parsed.manifests)) return NONE;
  return parsed.manifests.flatMap((child: unknown) => {
    if (typeof child !== 'object' || child === null || !('digest' in child)) return [];
    return typeof child.digest === 'string' && isDigest(child.digest) ? [child.digest] : [];
  });
}

/** An image counts one, an index one more for each of its manifests: about 10 MB at most. */
const MAX_WEIGHT = 100_000;

/** What an index names never changes, as its digest is its content: it is parsed once. */
export type ChildrenMemory = Pick<LRUCache<Digest, readonly Digest[]>, 'get' | 'set'>;

export function createChildrenMemory(maxWeight = MAX_WEIGHT): ChildrenMemory {
  return new LRUCache({ maxSize: maxWeight, sizeCalculation: ({ length }) => 1 + length });
}
