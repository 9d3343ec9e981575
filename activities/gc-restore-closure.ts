import { ReleaseError } from '../src/contract/errors';
import { manifestLinks } from '../src/contract/schema/manifest-links';
import { subjectOfTag } from '../src/domain/registry/referrers-index';
import type { ImageRef } from '../src/domain/reference';
import type { Tombstone } from '../src/ports/tombstones';
import type { RestoreDeps } from './gc-restore';

/** Of one repository: more was never deleted by one plan around one image. */
const MAX_BURIED = 10_000;

function notBuried({ repository, digest }: ImageRef): ReleaseError {
  return new ReleaseError('TOMBSTONE_NOT_FOUND', `${repository}@${digest} is not to be put back`, {
    details: { remedy: 'plura reg gc tombstones lists what is; what was reclaimed is gone' },
  });
}

/** Indexes that list what is attached are made by the gateway, anew. */
function isReferrersIndex({ tags }: Tombstone): boolean {
  return tags.length > 0 && tags.every((tag) => subjectOfTag(tag) !== null);
}

/** What it names and is gone, in front of it. */
async function withChildren(
  deps: RestoreDeps,
  tombstone: Tombstone,
  found: Map<string, Tombstone>,
): Promise<void> {
  if (found.has(tombstone.digest)) return;
  for (const digest of manifestLinks(tombstone.bytes).children) {
    const { repository } = tombstone;
    if (found.has(digest) || (await deps.catalog.describe(repository, digest))) continue;
    const child = await deps.tombstones.find(repository, digest);
    if (!child) throw notBuried({ repository, digest });
    await withChildren(deps, child, found);
  }
  found.set(tombstone.digest, tombstone);
}

/** All of the same plan that is about something in `found`, and about that in turn. */
async function addAttached(
  deps: RestoreDeps,
  { repository, planId }: Tombstone,
  found: Map<string, Tombstone>,
): Promise<void> {
  const buried = await deps.tombstones.list({ repository, state: 'buried', limit: MAX_BURIED });
  const others: Tombstone[] = [];
  for (const { digest, planId: plan } of buried) {
    const other = plan === planId ? await deps.tombstones.find(repository, digest) : null;
    if (other && !isReferrersIndex(other)) others.push(other);
  }
  for (let added = true; added;) {
    added = false;
    for (const other of others) {
      const { subject } = manifestLinks(other.bytes);
      if (subject === null || !found.has(subject) || found.has(other.digest)) continue;
      await withChildren(deps, other, found);
      added = true;
    }
  }
}

/** What has to be put back for the image to be as it was, in the order in which a registry takes it. */
export async function closureOfBuried(
  deps: RestoreDeps,
  image: ImageRef,
): Promise<readonly Tombstone[]> {
  const tombstone = await deps.tombstones.find(image.repository, image.digest);
  if (!tombstone) throw notBuried(image);
  const found = new Map<string, Tombstone>();
  await withChildren(deps, tombstone, found);
  await addAttached(deps, tombstone, found);
  return [...found.values()];
}
