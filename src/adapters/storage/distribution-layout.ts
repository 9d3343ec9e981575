import path from 'node:path';
import { isDigest, type Digest } from '../../domain/digest';
import { tellManifest } from '../../domain/gc/tell-manifest';
import { isTag } from '../../domain/registry/tag-rules';
import type { InventorySource } from '../../ports/inventory-source';
import { forEachEntry, kindOfEntry, readSmallFile, sizeOfFile } from './files';
import { FILES, MAX_MANIFEST_BYTES, runScan, type Scan } from './scan';
import { parseStoredManifest, Unreadable } from './schema';
import { listStoredRepositories } from './walk-repositories';

/** Of `sha256:` and 64 digits. */
const MAX_LINK_BYTES = 256;

interface Repository {
  readonly name: string;
  readonly folder: string;
  /** Sizes of the blobs that its manifests name, by digest. */
  readonly named: Map<Digest, number>;
  readonly gap: (digest: Digest | null, reason: string) => void;
}

interface Layout extends Scan {
  /** `docker/registry/v2` of the storage. */
  readonly root: string;
}

function blobFile({ root }: Layout, digest: Digest): string {
  const hex = digest.slice(7);
  return path.join(root, 'blobs', 'sha256', hex.slice(0, 2), hex, 'data');
}

/** A folder per digest, as `sha256/{hex}`; what is none is a gap of the repository. */
async function forEachDigest(
  { signal }: Layout,
  repository: Repository,
  place: string,
  run: (digest: Digest, folder: string) => Promise<void>,
): Promise<void> {
  const folder = path.join(repository.folder, place, 'sha256');
  await forEachEntry(folder, FILES, signal, async (entry) => {
    const digest = `sha256:${entry.name}`;
    if (!entry.isDirectory() || !isDigest(digest)) {
      repository.gap(null, `${place} holds what is no digest`);
      return;
    }
    await run(digest, path.join(folder, entry.name));
  });
}

async function tellRevision(
  layout: Layout,
  repository: Repository,
  digest: Digest,
  folder: string,
): Promise<void> {
  const link = await readSmallFile(path.join(folder, 'link'), MAX_LINK_BYTES);
  // A delete leaves the folder and takes the link.
  if (link === 'absent') return;
  if (typeof link === 'string' || link.bytes.toString('latin1').trim() !== digest) {
    repository.gap(digest, 'the link to its content is damaged');
    return;
  }
  const content = await readSmallFile(blobFile(layout, digest), MAX_MANIFEST_BYTES);
  if (typeof content === 'string') {
    repository.gap(digest, `its content is ${content}`);
    return;
  }
  try {
    const facts = parseStoredManifest(content.bytes, digest);
    const pushed = { repository: repository.name, pushedAtMs: link.modifiedAtMs };
    tellManifest(layout.sink, facts, { ...pushed, lastPulledAtMs: null });
    for (const { digest: blob, size } of facts.layers) repository.named.set(blob, size);
    if (facts.config) repository.named.set(facts.config.digest, facts.config.size);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    repository.gap(digest, error.message);
  }
}

async function tellTags({ sink, signal }: Layout, repository: Repository): Promise<void> {
  const folder = path.join(repository.folder, '_manifests', 'tags');
  await forEachEntry(folder, FILES, signal, async (entry) => {
    if (!entry.isDirectory() || !isTag(entry.name)) {
      repository.gap(null, `"${entry.name.slice(0, 128)}" among its tags is no tag`);
      return;
    }
    const file = path.join(folder, entry.name, 'current', 'link');
    const link = await readSmallFile(file, MAX_LINK_BYTES);
    const digest = typeof link === 'string' ? '' : link.bytes.toString('latin1').trim();
    if (typeof link === 'string' || !isDigest(digest)) {
      repository.gap(null, `what its tag ${entry.name} points at can not be read`);
      return;
    }
    sink.tag({
      ...{ repository: repository.name, tag: entry.name, digest },
      ...{ pushedAtMs: link.modifiedAtMs, lastPulledAtMs: null },
    });
  });
}

/** After the manifests: what they don't name has its size on disk alone. */
async function tellBlobs(layout: Layout, repository: Repository): Promise<void> {
  await forEachDigest(layout, repository, '_layers', async (digest) => {
    const size = repository.named.get(digest) ?? (await sizeOfFile(blobFile(layout, digest)));
    if (size !== null) layout.sink.blob({ repository: repository.name, digest, size });
  });
}

async function readRepository(layout: Layout, name: string): Promise<void> {
  const repository: Repository = {
    name,
    folder: path.join(layout.root, 'repositories', name),
    named: new Map(),
    gap: (digest, reason) => {
      layout.sink.unknown({ repository: name, digest, reason });
    },
  };
  for (const place of ['_manifests', '_manifests/revisions', '_manifests/tags', '_layers']) {
    const folder = path.join(repository.folder, place);
    if ((await kindOfEntry(folder)) !== 'other') continue;
    repository.gap(null, `${place} is no folder of its own`);
    return;
  }
  await forEachDigest(layout, repository, path.join('_manifests', 'revisions'), (digest, folder) =>
    tellRevision(layout, repository, digest, folder),
  );
  await tellTags(layout, repository);
  await tellBlobs(layout, repository);
}

/**
 * What distribution keeps on a file system (registry/storage/paths.go), read while it runs or not. A manifest's time is that of
 * the link that its last push wrote; who pulled what is not known.
 *
 * @param storageDir what distribution has as `storage.filesystem.rootdirectory`
 */
export function createDistributionLayoutSource(storageDir: string): InventorySource {
  const root = path.join(storageDir, 'docker', 'registry', 'v2');
  return {
    read: (sink, signal, progress = {}) =>
      runScan(sink, signal, progress, {
        list: (scan) =>
          listStoredRepositories({
            ...{ root: path.join(root, 'repositories'), ...scan },
            isRepository: (entries) => entries.has('_manifests') || entries.has('_layers'),
            isOwn: (entry) => entry.startsWith('_'),
          }),
        read: (scan, name) => readRepository({ ...scan, root }, name),
      }),
  };
}
