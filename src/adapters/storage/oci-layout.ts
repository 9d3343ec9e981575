import path from 'node:path';
import { inParallel } from '../../contract/in-parallel';
import { isDigest, type Digest } from '../../domain/digest';
import { tellManifest } from '../../domain/gc/tell-manifest';
import { isTag } from '../../domain/registry/tag-rules';
import type { InventorySource } from '../../ports/inventory-source';
import { forEachEntry, kindOfEntry, readSmallFile, sizeOfFile } from './files';
import { FILES, MAX_MANIFEST_BYTES, runScan, type Scan } from './scan';
import { parseLayoutIndex, parseStoredManifest, Unreadable, type LayoutEntry } from './schema';
import { listStoredRepositories } from './walk-repositories';

/** A repository of 100,000 manifests has some 30 MB of it. */
const MAX_INDEX_BYTES = 256 * 1024 * 1024;

interface Repository {
  readonly name: string;
  readonly blobs: string;
  readonly scan: Scan;
  /** Manifests that were told, or are a gap. */
  readonly seen: Set<Digest>;
  readonly gap: (digest: Digest | null, reason: string) => void;
}

async function readIndex(
  folder: string,
  { gap }: Repository,
): Promise<readonly (LayoutEntry | null)[]> {
  const index = await readSmallFile(path.join(folder, 'index.json'), MAX_INDEX_BYTES);
  if (typeof index === 'string') {
    gap(null, `its index.json is ${index}`);
    return [];
  }
  try {
    return parseLayoutIndex(index.bytes);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    gap(null, error.message);
    return [];
  }
}

/** Returns the children that it names. */
async function tellOne(repository: Repository, digest: Digest): Promise<readonly Digest[]> {
  const { name, blobs, gap, scan } = repository;
  const content = await readSmallFile(path.join(blobs, digest.slice(7)), MAX_MANIFEST_BYTES);
  if (typeof content === 'string') {
    gap(digest, `its content is ${content}`);
    return [];
  }
  try {
    const facts = parseStoredManifest(content.bytes, digest);
    const pushed = { repository: name, pushedAtMs: content.modifiedAtMs, lastPulledAtMs: null };
    tellManifest(scan.sink, facts, pushed);
    return facts.children.map((child) => child.digest);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    gap(digest, error.message);
    return [];
  }
}

/** Level by level: an index may hold manifests that index.json does not list, and sparse ones name what is not there. */
async function tellManifests(repository: Repository, top: readonly Digest[]): Promise<void> {
  const { seen, scan } = repository;
  let level: readonly Digest[] = top;
  for (let depth = 0; level.length > 0; depth += 1) {
    scan.signal.throwIfAborted();
    const fresh = [...new Set(level)].filter((digest) => !seen.has(digest));
    for (const digest of fresh) seen.add(digest);
    const present =
      depth === 0
        ? fresh
        : await keepAsync(fresh, async (digest) => {
            const file = path.join(repository.blobs, digest.slice(7));
            return (await sizeOfFile(file)) !== null;
          });
    level = (await inParallel(present, FILES, (digest) => tellOne(repository, digest))).flat();
  }
}

async function keepAsync<T>(
  values: readonly T[],
  isKept: (value: T) => Promise<boolean>,
): Promise<readonly T[]> {
  const kept = await inParallel(values, FILES, isKept);
  return values.filter((_, at) => kept[at]);
}

async function tellBlobs({ name, blobs, scan, seen, gap }: Repository): Promise<void> {
  await forEachEntry(blobs, FILES, scan.signal, async (entry) => {
    const digest = `sha256:${entry.name}`;
    // What an upload or a deduplication has not finished is no content.
    if (!isDigest(digest)) return;
    if (seen.has(digest)) return;
    const size = await sizeOfFile(path.join(blobs, entry.name));
    if (size === null) gap(null, `its blob ${digest} is no file`);
    else scan.sink.blob({ repository: name, digest, size });
  });
}

async function readRepository(scan: Scan, root: string, name: string): Promise<void> {
  const folder = path.join(root, name);
  const blobs = path.join(folder, 'blobs', 'sha256');
  const gap: Repository['gap'] = (digest, reason) => {
    scan.sink.unknown({ repository: name, digest, reason });
  };
  const repository: Repository = { name, blobs, scan, gap, seen: new Set() };
  for (const own of [path.dirname(blobs), blobs]) {
    if ((await kindOfEntry(own)) !== 'other') continue;
    gap(null, 'its blobs are in no folder of its own');
    return;
  }
  const entries = await readIndex(folder, repository);
  if (entries.includes(null)) gap(null, 'its index.json holds an entry that can not be read');
  const known = entries.filter((entry) => entry !== null);
  for (const { digest, tag } of known) {
    if (tag === null) continue;
    if (!isTag(tag)) gap(null, `"${tag.slice(0, 128)}" among its tags is no tag`);
    // When a tag came to point there is written nowhere: an old manifest may have been tagged today.
    else scan.sink.tag({ repository: name, tag, digest, pushedAtMs: null, lastPulledAtMs: null });
  }
  await tellManifests(
    repository,
    known.map(({ digest }) => digest),
  );
  await tellBlobs(repository);
}

/**
 * A folder of OCI image layouts, one a repository, as zot and olareg keep them (image-spec, image-layout.md). A manifest's time is
 * that of its file; when a tag was pushed and who pulled what is not known.
 */
export function createOciLayoutSource(root: string): InventorySource {
  return {
    read: (sink, signal, progress = {}) =>
      runScan(sink, signal, progress, {
        list: (scan) =>
          listStoredRepositories({
            ...{ root, ...scan },
            isRepository: (entries) => entries.has('index.json'),
            isOwn: (entry) => entry === 'blobs' || entry.startsWith('.') || entry.startsWith('_'),
          }),
        read: (scan, name) => readRepository(scan, root, name),
      }),
  };
}
