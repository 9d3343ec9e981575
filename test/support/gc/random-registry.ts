import type { Digest } from '../../../src/domain/digest';
import type { RetentionPolicy } from '../../../src/domain/gc/retention';
import type { Reach, Root } from '../../../src/domain/gc/roots';
import type { GcEdge, GcTag } from '../../../src/domain/gc/inventory';
import { CHANNEL_TAGS, ENVIRONMENTS } from '../../../src/domain/reference';
import type { InventoryRows } from './inventory-rows';

/** A whole number from 0 to below `bound`. */
export type Draw = (bound: number) => number;

/** Marsaglia's xorshift32: fast, and the same on every machine. */
export function drawFrom(seed: number): Draw {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

/** Draws what is listed, then always 0: short lists make small registries, so fast-check can shrink to them. */
export function drawList(values: readonly number[]): Draw {
  let next = 0;
  return (bound) => (values[next++] ?? 0) % bound;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
export const NOW = Date.UTC(2026, 10, 30);

export interface RandomRegistry extends InventoryRows {
  readonly roots: readonly Root[];
  readonly reaches: readonly Reach[];
  readonly missing: readonly string[];
  readonly windows: RetentionPolicy['windows'];
  readonly keepLast: number;
  readonly graceMs: number;
}

export const OPEN = ['scratch'];
const REPOSITORIES = [
  'apps/a/x',
  'apps/a/y',
  'scratch/z',
  'channels/prod/a',
  'charts/a',
  'bases/go',
  'stray/q',
];

const digestAt = (kind: string, at: number): Digest =>
  `sha256:${kind}${at.toString(16).padStart(63, '0')}`;
const MANIFESTS = Array.from({ length: 16 }, (_, at) => digestAt('a', at));
const BLOBS = Array.from({ length: 10 }, (_, at) => digestAt('b', at));
const AGES = [HOUR, 2 * DAY, 8 * DAY, 20 * DAY, 40 * DAY, 200 * DAY];
const CHANNELS = ENVIRONMENTS.flatMap((env) => CHANNEL_TAGS.map((tag) => `${env}:${tag}` as const));

function pick<T>(draw: Draw, from: readonly T[]): T {
  const one = from[draw(from.length)];
  if (one === undefined) throw new RangeError('nothing to draw from');
  return one;
}

const age = (draw: Draw): number | null => (draw(40) === 1 ? null : NOW - pick(draw, AGES));
const pulled = (draw: Draw): number | null => (draw(3) === 1 ? NOW - pick(draw, AGES) : null);

/** What a manifest says: content is its name, so it is the same wherever the digest is. */
interface Content {
  readonly digest: Digest;
  readonly edges: readonly Pick<GcEdge, 'kind' | 'child' | 'size'>[];
  readonly subject: Digest | null;
}

/** Names only what was there before: a digest can't be known earlier. */
function drawContents(draw: Draw): readonly Content[] {
  const count = 1 + draw(9);
  return MANIFESTS.slice(0, count).map((digest, at) => {
    const before = MANIFESTS.slice(0, at);
    const isIndex = at > 0 && draw(3) === 1;
    const edges = Array.from({ length: draw(4) }, (_, position) => {
      const kind = isIndex ? 'child' : position === 0 ? 'config' : 'layer';
      const child = isIndex ? pick(draw, before) : pick(draw, BLOBS);
      return { kind, child, size: isIndex ? 10 : sizeOf(child) } as const;
    });
    const subject = at > 0 && draw(4) === 1 ? pick(draw, before) : null;
    // Now and then it is about something that this registry never had.
    return { digest, edges, subject: draw(40) === 1 ? pick(draw, MANIFESTS.slice(12)) : subject };
  });
}

/** Powers of two: a sum tells what it is made of. */
function sizeOf(blob: Digest): number {
  return 2 ** (10 + BLOBS.indexOf(blob));
}

function drawTag(draw: Draw, repository: string, digest: Digest, at: number): GcTag {
  const kinds = repository.startsWith('channels/')
    ? ['stable', 'candidate']
    : [`1.0.${at}_abcdef0`, `1.0.${at}-b.1_abcdef0`];
  const subject = pick(draw, MANIFESTS.slice(0, draw(20) === 1 ? 16 : 10)).replace(':', '-');
  const attached = [subject, `${subject}.sig`, `${subject}.att`, `${subject}.sbom`];
  const tag = pick(draw, draw(3) === 1 ? attached : kinds);
  return { repository, tag, digest, pushedAtMs: age(draw), lastPulledAtMs: pulled(draw) };
}

/** Puts a manifest into a repository, as a rule with all that an index names. */
function place(draw: Draw, contents: readonly Content[], digest: Digest, into: Set<Digest>): void {
  if (into.has(digest)) return;
  const content = contents.find((one) => one.digest === digest);
  if (!content) return;
  into.add(digest);
  for (const { kind, child } of content.edges) {
    if (kind === 'child' && draw(24) !== 1) place(draw, contents, child, into);
  }
  if (content.subject !== null && draw(4) !== 1) place(draw, contents, content.subject, into);
}

function drawRepository(
  draw: Draw,
  repository: string,
  contents: readonly Content[],
): Omit<InventoryRows, 'gaps'> {
  const placed = new Set<Digest>();
  for (const { digest } of contents) if (draw(2) === 0) place(draw, contents, digest, placed);
  const here = contents.filter(({ digest }) => placed.has(digest));
  const manifests = here.map(({ digest, subject }) => ({
    repository,
    digest,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: null,
    size: 1 + MANIFESTS.indexOf(digest),
    subject,
    pushedAtMs: age(draw),
    lastPulledAtMs: pulled(draw),
    pending: draw(40) === 1,
  }));
  const edges = here.flatMap(({ digest, edges: named }) =>
    named.map((edge) => ({ repository, parent: digest, ...edge })),
  );
  const tags = new Map<string, GcTag>();
  for (let at = draw(5); at > 0; at--) {
    const digest = draw(30) === 1 ? pick(draw, MANIFESTS) : pick(draw, contents).digest;
    if (!placed.has(digest) && draw(12) !== 1) continue;
    const tag = drawTag(draw, repository, digest, at);
    tags.set(tag.tag, tag);
  }
  const blobs = BLOBS.filter((blob) => edges.some(({ child }) => child === blob) || draw(8) === 1);
  return {
    manifests,
    edges,
    tags: [...tags.values()],
    blobs: blobs.map((digest) => ({ repository, digest, size: sizeOf(digest) })),
  };
}

export function drawRegistry(draw: Draw): RandomRegistry {
  const contents = drawContents(draw);
  const names = REPOSITORIES.slice(draw(7)).slice(0, 1 + draw(3));
  const parts = names.map((name) => drawRepository(draw, name, contents));
  const gap = draw(60);
  const gaps = [
    ...(gap === 1 ? [{ repository: null, digest: null, reason: 'unreadable' }] : []),
    ...(gap === 2 ? [{ repository: pick(draw, names), digest: null, reason: 'unreadable' }] : []),
    ...(gap === 3
      ? [{ repository: pick(draw, names), digest: pick(draw, MANIFESTS), reason: 'unreadable' }]
      : []),
  ];
  const roots = Array.from({ length: draw(5) === 1 ? 1 + draw(2) : 0 }, () => ({
    digest: pick(draw, contents).digest,
    reason: 'live-workload' as const,
    detail: 'a pod',
  }));
  const reaches = Array.from({ length: draw(3) }, () => ({
    digest: pick(draw, contents).digest,
    channel: pick(draw, CHANNELS),
    lastAtMs: NOW - pick(draw, AGES),
  }));
  const inactiveMs = 7 * DAY;
  return {
    manifests: parts.flatMap((part) => part.manifests),
    edges: parts.flatMap((part) => part.edges),
    tags: parts.flatMap((part) => part.tags),
    blobs: parts.flatMap((part) => part.blobs),
    gaps,
    roots,
    reaches,
    missing: draw(100) === 1 ? ['the cluster did not answer'] : [],
    windows: {
      prodStableMs: 180 * DAY,
      prodCandidateMs: 30 * DAY,
      stgMs: 30 * DAY,
      devMs: 14 * DAY,
      inactiveMs,
    },
    keepLast: draw(4) === 1 ? 1 + draw(2) : 0,
    graceMs: DAY,
  };
}
