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

/** What an index names never changes, as its digest is its content: it is read once. */
export interface ChildrenMemory {
  get(digest: Digest): readonly Digest[] | undefined;
  set(digest: Digest, children: readonly Digest[]): void;
}

export function createChildrenMemory(maxWeight = MAX_WEIGHT): ChildrenMemory {
  const known = new Map<Digest, readonly Digest[]>();
  let weight = 0;
  return {
    get: (digest) => {
      const children = known.get(digest);
      if (children === undefined) return undefined;
      // Moves to the end: the first of the map is the one not asked for the longest.
      known.delete(digest);
      known.set(digest, children);
      return children;
    },
    set: (digest, children) => {
      if (known.has(digest) || children.length >= maxWeight) return;
      known.set(digest, children.length === 0 ? NONE : children);
      weight += 1 + children.length;
      for (const [oldest, { length }] of known) {
        if (weight <= maxWeight) return;
        known.delete(oldest);
        weight -= 1 + length;
      }
    },
  };
}
