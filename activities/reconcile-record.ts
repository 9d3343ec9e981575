import { randomUUID } from 'node:crypto';
import { ReleaseError } from '../src/contract/errors';
import type { Digest } from '../src/domain/digest';
import type { ImageRef } from '../src/domain/reference';
import { isWriteOnce, UNKNOWN_ACTOR } from '../src/domain/registry/drift';
import type { InventoryEdge, PushRecord } from '../src/ports/inventory';
import type { Descriptor, Manifest } from '../src/ports/registry';
import type { ReconcileDeps, RepairOutcome } from './reconcile';

export type RecordDeps = Pick<ReconcileDeps, 'catalog' | 'inventory' | 'now'>;

/** An index of indexes is as deep as images go. */
const MAX_DEPTH = 3;
/** Manifests below one tag. */
const MAX_MANIFESTS = 200;

/** Records a tag that is there as pushed by nobody we know, with all below it. */
export async function recordTag(
  deps: RecordDeps,
  repository: string,
  tag: string,
  digest: Digest,
): Promise<Omit<RepairOutcome, 'known'>> {
  const manifest = await deps.catalog.getManifest({ repository, digest });
  await recordBelow(deps, repository, manifest);
  const writeOnce = isWriteOnce(repository, tag);
  const push = toPush(deps, repository, manifest, { tag, writeOnce });
  const first = await deps.inventory.beginPush(push);
  // The registry holds this digest, so the push that never told its end was not the one that came through.
  const isAbandoned = first.kind === 'taken' && first.abandoned;
  const claim = isAbandoned ? await deps.inventory.beginPush(push, true) : first;
  if (claim.kind === 'taken') {
    return {
      result: 'impossible',
      note:
        `The tag was written once before, by ${claim.by} at ${claim.at} with ${claim.digest}, ` +
        'and deleted: it is not recorded. Remove it, and push under a new version.',
    };
  }
  await deps.inventory.completePush(push);
  return { result: 'repaired', note: 'It is recorded.' };
}

/** Records a manifest without a tag, with all below it. */
export async function recordManifest(
  deps: RecordDeps,
  image: ImageRef,
  depth = 0,
  seen = new Set<Digest>(),
): Promise<void> {
  const { repository, digest } = image;
  if (seen.has(digest) || (await deps.inventory.getManifest(repository, digest))) return;
  seen.add(digest);
  if (depth > MAX_DEPTH || seen.size > MAX_MANIFESTS) {
    throw new ReleaseError('INVALID_INPUT', `${repository}@${digest}: the index holds too much`, {
      details: { remedy: 'see who pushed it; no image nests indexes like this' },
    });
  }
  const manifest = await deps.catalog.getManifest(image);
  await recordBelow(deps, repository, manifest, depth, seen);
  const push = toPush(deps, repository, manifest, { tag: null, writeOnce: false });
  await deps.inventory.beginPush(push);
  await deps.inventory.completePush(push);
}

/** Children that the registry lacks are left out: an index may name what was never pushed. */
async function recordBelow(
  deps: RecordDeps,
  repository: string,
  manifest: Manifest,
  depth = 0,
  seen = new Set<Digest>([manifest.digest]),
): Promise<void> {
  for (const { digest } of manifest.manifests) {
    if (!(await deps.catalog.describe(repository, digest))) continue;
    await recordManifest(deps, { repository, digest }, depth + 1, seen);
  }
}

function toPush(
  { now }: RecordDeps,
  repository: string,
  manifest: Manifest,
  { tag, writeOnce }: Pick<PushRecord, 'tag' | 'writeOnce'>,
): PushRecord {
  return {
    id: `reconcile/${randomUUID()}`,
    repository,
    digest: manifest.digest,
    mediaType: manifest.mediaType,
    artifactType: manifest.artifactType ?? null,
    size: manifest.bytes.length,
    subject: manifest.subject?.digest ?? null,
    edges: edgesOf(manifest),
    tag,
    writeOnce,
    actor: UNKNOWN_ACTOR,
    at: now().toISOString(),
  };
}

function edgesOf({ config, layers, manifests }: Manifest): readonly InventoryEdge[] {
  const edge =
    (kind: InventoryEdge['kind']) =>
    ({ digest, size, mediaType }: Descriptor): InventoryEdge => ({ kind, digest, size, mediaType });
  return [
    ...(config ? [edge('config')(config)] : []),
    ...layers.map(edge('layer')),
    ...manifests.map(edge('child')),
  ];
}
