import { ReleaseError } from '../src/contract/errors';
import {
  blobKey,
  manifestKey,
  type StoredItem,
  type WormManifest,
  type WormTag,
} from '../src/domain/worm/manifest';
import type { RecordedWormCopy, Sealed } from '../src/ports/worm-copies';
import { heartbeating } from './heartbeat';
import type { WormDeps, WormSize } from './worm';
import { hashOf, readBack } from './worm-bytes';
import { collectEvidence } from './worm-evidence';

const EVIDENCE_TYPE = 'application/vnd.plura.incident-evidence.v1+json';

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  await Promise.resolve();
  yield bytes;
}

/** Writes bytes of ours as a version of its own, and reads it back. */
async function keep(
  { worm }: Pick<WormDeps, 'worm'>,
  input: { readonly key: string; readonly bytes: Buffer; readonly lockUntil: string },
  fresh: boolean,
): Promise<Sealed['manifest']> {
  const { key, bytes, lockUntil } = input;
  const digest = hashOf(bytes);
  const open = (): Promise<AsyncIterable<Uint8Array>> => Promise.resolve(once(bytes));
  const stored = await worm.put({ key, digest, size: bytes.length, lockUntil, open, fresh });
  await readBack(worm, stored, digest);
  return { ...stored, digest };
}

/** Every content by its hash, in the store and locked as long as what it names. */
export async function writeManifest(
  deps: Pick<WormDeps, 'worm'>,
  manifest: WormManifest,
): Promise<Sealed['manifest']> {
  const bytes = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`);
  const key = manifestKey(manifest.id);
  return keep(deps, { key, bytes, lockUntil: manifest.lockUntil }, true);
}

function incomplete(id: string): ReleaseError {
  return new ReleaseError('INTERNAL', `Not all of the copy ${id} is stored`);
}

async function keepEvidence(
  deps: WormDeps,
  copy: RecordedWormCopy,
): Promise<
  Omit<WormManifest, keyof RecordedWormCopy | 'items' | 'schemaVersion'> & {
    readonly item: StoredItem;
  }
> {
  const { repository, lockUntil } = copy;
  const { document, ...rest } = await collectEvidence(deps, copy, deps.now().toISOString());
  const bytes = Buffer.from(`${JSON.stringify(document, null, 1)}\n`);
  const key = blobKey(hashOf(bytes));
  const { digest, version } = await keep(deps, { key, bytes, lockUntil }, false);
  const what = { mediaType: EVIDENCE_TYPE, artifactType: null, subject: copy.digest };
  const item = { ...what, digest, size: bytes.length, repository, key, version };
  return { ...rest, item: { ...item, role: 'evidence' } };
}

async function stepsOf({ wormCopies }: WormDeps, id: string): Promise<readonly StoredItem[]> {
  const steps = await wormCopies.steps(id);
  return steps.map(({ stored, digest, size, role, mediaType, ...step }) => {
    if (!stored) throw incomplete(id);
    const { artifactType, subject, repository } = step;
    const about = { artifactType, subject, repository };
    return { digest, size, role, mediaType, ...about, ...stored };
  });
}

function sizeOf({ items }: Pick<WormManifest, 'items'>): WormSize {
  return { objects: items.length, bytes: items.reduce((sum, { size }) => sum + size, 0) };
}

/** All is stored: evidence, then the manifest, which makes it a copy. */
export async function sealWormCopy(deps: WormDeps, id: string): Promise<WormSize> {
  return heartbeating(async () => {
    const copy = await deps.wormCopies.get(id);
    if (!copy) throw new ReleaseError('COPY_NOT_FOUND', `There is no copy ${id}`);
    // Sealed by an attempt whose answer was lost.
    if (copy.state !== 'copying') return { objects: copy.objects, bytes: copy.bytes };
    const items = await stepsOf(deps, id);
    const { item, tags, ...evidence } = await keepEvidence(deps, copy);
    const manifest: WormManifest = {
      schemaVersion: 1,
      ...orderOf(copy),
      ...evidence,
      tags: uniqueTags([...copy.legacyTags, ...tags], new Set(items.map(({ digest }) => digest))),
      items: [...items, item],
    };
    const written = await writeManifest(deps, manifest);
    const at = deps.now().toISOString();
    const { lockUntil } = copy;
    await deps.wormCopies.seal(id, { lockUntil, ...sizeOf(manifest), manifest: written, at });
    return sizeOf(manifest);
  });
}

function orderOf(
  copy: RecordedWormCopy,
): Omit<WormManifest, 'schemaVersion' | 'tags' | 'holds' | 'verdicts' | 'items'> {
  const { id, digest, repository, reason, by, requestedAt, lockUntil } = copy;
  return { id, digest, repository, reason, by, requestedAt, lockUntil };
}

/** Of what is in the copy, each once. */
function uniqueTags(tags: readonly WormTag[], held: ReadonlySet<string>): readonly WormTag[] {
  const byName = new Map(tags.map((tag) => [`${tag.repository}:${tag.tag}`, tag]));
  return [...byName.values()].filter(({ digest }) => held.has(digest));
}
