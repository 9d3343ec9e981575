import { ReleaseError } from '../src/contract/errors';
import type { ImageRef } from '../src/domain/reference';
import { classifyRepository } from '../src/domain/registry/repository-class';
import {
  isCompanionTag,
  type StoredItem,
  type WormManifest,
  type WormTag,
} from '../src/domain/worm/manifest';
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

/**
 * Legacy tags belong to the content; others come back when asked for, in the repository that is restored. Where channels point
 * is for promotions and rollbacks to say, whatever they pointed at then.
 */
function tagsFor(
  { tags, repository: source }: WormManifest,
  target: string,
  wanted: boolean,
): readonly WormTag[] {
  const isOwn = wanted && classifyRepository(target, []).kind !== 'channel';
  return tags
    .filter((one) => one.repository === source)
    .filter(({ tag }) => isOwn || isCompanionTag(tag));
}

/** Where nothing else has it by now: what was pushed since the copy is not what an incident was about. */
async function giveTag(
  deps: WormDeps,
  repository: string,
  tag: string,
  item: StoredItem,
): Promise<boolean> {
  const held = await deps.inventory.getTag(repository, tag);
  if (held !== null && held.digest !== item.digest) return false;
  try {
    await deps.content.pushManifest(repository, await manifestOf(deps, item), tag);
    return true;
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'TAG_TAKEN') return false;
    throw error;
  }
}

/** Tags, and whether all of the closure is there. */
export async function endWormRestore(
  deps: WormDeps,
  { id, repository, tags: wanted }: EndRestoreInput,
): Promise<RestoreResult> {
  return heartbeating(async () => {
    const copy = await copyOf(deps, id);
    const manifest = await readManifest(deps.worm, copy);
    const image: ImageRef = { repository: repository ?? copy.repository, digest: copy.digest };
    const tags: string[] = [];
    const tagsTaken: string[] = [];
    for (const { tag, digest } of tagsFor(manifest, image.repository, wanted)) {
      const item = manifest.items.find((one) => one.digest === digest);
      if (!item) continue;
      const isGiven = await giveTag(deps, image.repository, tag, item);
      if (!isGiven) tagsTaken.push(tag);
      else if (!isCompanionTag(tag)) tags.push(tag);
    }
    const missing = await deps.backend.findMissing(image);
    return { repository: image.repository, tags, tagsTaken, missing };
  });
}
