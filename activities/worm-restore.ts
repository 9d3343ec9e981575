import type { ImageRef } from '../src/domain/reference';
import { isCompanionTag, type StoredItem, type WormTag } from '../src/domain/worm/manifest';
import { heartbeating } from './heartbeat';
import type {
  EndRestoreInput,
  RestoreResult,
  RestoreSliceInput,
  SliceResult,
  WormDeps,
} from './worm';
import { hashed, readContent, readManifest } from './worm-bytes';
import { copyOf } from './worm-verify';

/** distribution-spec, "Pushing Manifests". */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

type ManifestBytes = { readonly bytes: Buffer; readonly mediaType: string };

async function manifestOf({ worm }: WormDeps, item: StoredItem): Promise<ManifestBytes> {
  const bytes = await readContent(worm, item, item.digest, MAX_MANIFEST_BYTES);
  return { bytes, mediaType: item.mediaType };
}

async function restoreItem(deps: WormDeps, repository: string, item: StoredItem): Promise<void> {
  const { content, worm } = deps;
  const { digest, role, key } = item;
  if (role === 'evidence') return;
  if (role === 'index' || role === 'manifest') {
    await content.pushManifest(repository, await manifestOf(deps, item));
    return;
  }
  const image = { repository, digest };
  if (await content.hasBlob(image)) return;
  await content.pushBlob(image, hashed(await worm.read(item), digest, key));
}

/** One after the other, in the order of the manifest: a registry refuses what has holes. */
export async function restoreWormSlice(
  deps: WormDeps,
  { id, from, limit, repository }: RestoreSliceInput,
): Promise<SliceResult> {
  return heartbeating(async (signal, note) => {
    const copy = await copyOf(deps, id);
    const { items } = await readManifest(deps.worm, copy);
    for (const item of items.slice(from, from + limit)) {
      signal.throwIfAborted();
      note(`${item.role} ${item.digest}`);
      await restoreItem(deps, repository ?? copy.repository, item);
    }
    return { next: from + limit < items.length ? from + limit : null };
  });
}

/** Legacy tags belong to the content; others come back when asked for, in the repository that is restored. */
function tagsFor(tags: readonly WormTag[], source: string, wanted: boolean): readonly WormTag[] {
  return tags
    .filter((one) => one.repository === source)
    .filter(({ tag }) => wanted || isCompanionTag(tag));
}

/** Tags, and whether all of the closure is there. */
export async function endWormRestore(
  deps: WormDeps,
  { id, repository, tags }: EndRestoreInput,
): Promise<RestoreResult> {
  return heartbeating(async () => {
    const copy = await copyOf(deps, id);
    const manifest = await readManifest(deps.worm, copy);
    const image: ImageRef = { repository: repository ?? copy.repository, digest: copy.digest };
    const given: string[] = [];
    for (const { tag, digest } of tagsFor(manifest.tags, copy.repository, tags)) {
      const item = manifest.items.find((one) => one.digest === digest);
      if (!item) continue;
      await deps.content.pushManifest(image.repository, await manifestOf(deps, item), tag);
      if (!isCompanionTag(tag)) given.push(tag);
    }
    const missing = await deps.backend.findMissing(image);
    return { repository: image.repository, tags: given, missing };
  });
}
