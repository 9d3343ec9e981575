import { ReleaseError } from '../../contract/errors';
import { inParallel } from '../../contract/in-parallel';
import type { Digest } from '../../domain/digest';
import { countingSink, type CountingSink } from '../../domain/gc/counting-sink';
import { tellManifest } from '../../domain/gc/tell-manifest';
import { kindOfMediaType, type ManifestFacts } from '../../domain/registry/manifest-facts';
import { isTag } from '../../domain/registry/tag-rules';
import type { InventorySource } from '../../ports/inventory-source';
import type { NamePage, RegistryCatalog } from '../../ports/registry-catalog';
import type { Descriptor, Manifest, Registry } from '../../ports/registry';

const PAGE = 1000;
/** Requests at once; the catalog's pace bounds how many there are a second. */
const PARALLEL = 8;
/** More referrers than Registry.listReferrers tells of are not known. */
const MAX_REFERRERS = 200;

export interface CatalogInventoryParts {
  /** Paced: it makes nearly all requests. */
  readonly catalog: RegistryCatalog;
  /** For referrers, where the registry lists them itself; without it those of fallback tags alone. */
  readonly registry?: Pick<Registry, 'listReferrers'>;
}

interface Walk extends CatalogInventoryParts {
  readonly sink: CountingSink;
  readonly signal: AbortSignal;
  readonly repository: string;
  readonly seen: Set<Digest>;
}

async function* pages(
  signal: AbortSignal,
  read: (page: { readonly after?: string; readonly limit: number }) => Promise<NamePage | null>,
): AsyncIterable<readonly string[]> {
  let after: string | null = null;
  do {
    signal.throwIfAborted();
    const page = await read({ limit: PAGE, ...(after !== null && { after }) });
    if (!page) return;
    yield page.names;
    if (page.next === after && after !== null) {
      throw new ReleaseError('REGISTRY_UNAVAILABLE', 'The registry gives the same page again');
    }
    after = page.next;
  } while (after !== null);
}

const toFacts = ({ mediaType, digest, size }: Descriptor): Descriptor => ({
  mediaType,
  digest,
  size,
});

function factsOf(manifest: Manifest): ManifestFacts | null {
  const { digest, mediaType, bytes, config, subject, artifactType, annotations } = manifest;
  const kind = kindOfMediaType(mediaType);
  if (!kind) return null;
  return {
    ...{ kind, digest, mediaType, size: bytes.length, annotations },
    artifactType: artifactType ?? null,
    config: config ? toFacts(config) : null,
    layers: manifest.layers.map(toFacts),
    children: manifest.manifests.map(toFacts),
    subject: subject?.digest ?? null,
  };
}

/** One thing that could not be read is a gap; a registry that does not answer ends the read. */
async function orGap<T>(
  walk: Walk,
  digest: Digest | null,
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    const isOne = error instanceof ReleaseError && error.code !== 'REGISTRY_UNAVAILABLE';
    if (!isOne) throw error;
    walk.sink.unknown({ repository: walk.repository, digest, reason: error.message });
    return null;
  }
}

/** Returns what it leads to: children and referrers. */
async function tellOne(walk: Walk, digest: Digest): Promise<readonly Digest[]> {
  const { catalog, registry, repository, sink, signal } = walk;
  signal.throwIfAborted();
  const image = { repository, digest };
  const manifest = await orGap(walk, digest, () => catalog.getManifest(image));
  const facts = manifest && factsOf(manifest);
  if (!facts) {
    if (manifest) sink.unknown({ ...image, reason: 'its media type is not known' });
    return [];
  }
  tellManifest(sink, facts, { repository, pushedAtMs: null, lastPulledAtMs: null });
  for (const blob of [...(facts.config ? [facts.config] : []), ...facts.layers]) {
    sink.blob({ repository, digest: blob.digest, size: blob.size });
  }
  const referrers = registry
    ? await orGap(walk, digest, () => registry.listReferrers(image))
    : null;
  if (referrers && referrers.length >= MAX_REFERRERS) {
    sink.unknown({ ...image, reason: 'more is attached to it than was listed' });
  }
  const absent = await absentChildren(walk, facts);
  const children = facts.children.filter((child) => !absent.has(child.digest));
  return [...children, ...(referrers ?? [])].map((one) => one.digest);
}

/** An index may name what was never pushed. */
async function absentChildren(
  { catalog, repository, seen }: Walk,
  { children }: ManifestFacts,
): Promise<ReadonlySet<Digest>> {
  const asked = children.map(({ digest }) => digest).filter((digest) => !seen.has(digest));
  const found = await inParallel(asked, PARALLEL, (digest) => catalog.describe(repository, digest));
  return new Set(asked.filter((_, at) => found[at] === null));
}

async function tellBelow(walk: Walk, top: readonly Digest[]): Promise<void> {
  let level = top;
  while (level.length > 0) {
    const fresh = [...new Set(level)].filter((digest) => !walk.seen.has(digest));
    for (const digest of fresh) walk.seen.add(digest);
    level = (await inParallel(fresh, PARALLEL, (digest) => tellOne(walk, digest))).flat();
  }
}

async function tellTag(walk: Walk, tag: string): Promise<Digest | null> {
  const { catalog, repository, sink } = walk;
  if (!isTag(tag)) {
    sink.unknown({ repository, digest: null, reason: `"${tag.slice(0, 128)}" is no tag` });
    return null;
  }
  const found = await catalog.describe(repository, tag);
  // Deleted since it was listed.
  if (!found) return null;
  const { digest } = found;
  sink.tag({ repository, tag, digest, pushedAtMs: null, lastPulledAtMs: null });
  return digest;
}

async function tellRepository(walk: Walk): Promise<void> {
  const { catalog, repository, sink } = walk;
  for await (const tags of pages(walk.signal, (page) => catalog.listTags(repository, page))) {
    const tops = await inParallel(tags, PARALLEL, (tag) => tellTag(walk, tag));
    await tellBelow(
      walk,
      tops.filter((digest) => digest !== null),
    );
  }
  sink.unknown({
    ...{ repository, digest: null },
    reason: 'a registry lists no manifests without a tag: what else is there was not seen',
  });
}

/**
 * A registry whose disk is not ours, read as any client can: tags, what is below them, and what is attached to that. No list
 * names manifests without a tag, nor times, so each repository has a gap: it is recorded and counted, and nothing of it planned.
 */
export function createCatalogInventorySource(parts: CatalogInventoryParts): InventorySource {
  return {
    read: async (sink, signal, { after, onRepository } = {}) => {
      const readAtMs = Date.now();
      const counting = countingSink(sink);
      const names: string[] = [];
      for await (const page of pages(signal, (one) => parts.catalog.listRepositories(one))) {
        names.push(...page);
      }
      for (const repository of names.sort()) {
        if (after !== undefined && repository <= after) continue;
        await tellRepository({ ...parts, sink: counting, signal, repository, seen: new Set() });
        counting.repositoryRead();
        onRepository?.(repository);
      }
      const counts = counting.counts();
      return { counts, readAtMs, lastRecordedAtMs: null, lastReconciledAtMs: null };
    },
  };
}
