import type { Digest } from '../../domain/digest';
import type { ManifestFacts } from '../../domain/registry/manifest-facts';
import {
  MAX_REFERRERS,
  referrerEntry,
  referrersTag,
  uniteEntries,
  withoutEntries,
  type ReferrerEntry,
} from '../../domain/registry/referrers-index';
import { refused, Refused } from '../http/refused';
import { referrersLock } from '../manifests/push/locks';
import { parseManifest } from '../manifests/push/parse-manifest';
import { recordOf } from '../manifests/push/push-record';
import { putRecorded, type StoreDependencies } from '../manifests/push/put-recorded';
import { headManifest, readFacts } from '../manifests/push/registry-manifests';
import { MAX_MANIFEST_BYTES } from '../manifests/pull/fetch-manifest';
import { readStoredIndex, toIndex, type StoredIndex } from './stored-index';

/** Whose referrers, and on whose behalf. */
export interface Attaching {
  readonly repository: string;
  readonly subject: Digest;
  readonly actor: string;
  /** Of the request. */
  readonly id: string;
}

export interface IndexManifest {
  readonly facts: ManifestFacts;
  readonly bytes: Buffer;
}

export const LOOK_TIMEOUT_MS = 10_000;
/** Of manifests that the index lacks, read at one write: the lock is held meanwhile. */
const MAX_UNLISTED_BYTES = 16 * 1024 * 1024;

function assertRoom({ repository, subject }: Attaching, count: number, size: number): void {
  if (count <= MAX_REFERRERS && size <= MAX_MANIFEST_BYTES) return;
  throw refused({
    code: 'SIZE_INVALID',
    rule: 'referrers-full',
    message: `${repository}@${subject} has as many referrers as its index holds (${count}, ${size} bytes)`,
    remedy: `delete some: an index holds ${MAX_REFERRERS} and ${MAX_MANIFEST_BYTES} bytes`,
  });
}

/** Puts an index of referrers, recorded as any push; without a tag by its digest. Call under the lock of the subject. */
export async function putIndex(
  deps: StoreDependencies,
  { repository, actor, id }: Attaching,
  { facts, bytes }: IndexManifest,
  tag: string | null,
): Promise<void> {
  const at = deps.now().toISOString();
  const record = { ...recordOf(facts, { repository, tag, writeOnce: false, actor, at }), id };
  await deps.inventory.beginPush(record);
  await putRecorded(deps, { record, bytes });
}

/** Puts the index under the tag of its subject. */
async function writeIndex(
  deps: StoreDependencies,
  attaching: Attaching,
  entries: readonly ReferrerEntry[],
): Promise<void> {
  const { bytes, mediaType } = toIndex(entries);
  assertRoom(attaching, entries.length, bytes.length);
  const facts = parseManifest(bytes, mediaType);
  await putIndex(deps, attaching, { facts, bytes }, referrersTag(attaching.subject));
}

async function findGone(
  { backend }: StoreDependencies,
  { repository }: Attaching,
  entries: readonly ReferrerEntry[],
): Promise<ReadonlySet<Digest>> {
  const gone = new Set<Digest>();
  for (const { digest } of entries) {
    const place = { repository, reference: digest };
    const there = await headManifest(backend, place, AbortSignal.timeout(LOOK_TIMEOUT_MS));
    if (there === null) gone.add(digest);
  }
  return gone;
}

/** Registries refuse an index that names what they don't have: what was deleted around us is then left out. */
export async function writeEntries(
  deps: StoreDependencies,
  attaching: Attaching,
  entries: readonly ReferrerEntry[],
): Promise<void> {
  try {
    await writeIndex(deps, attaching, entries);
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.rule !== 'backend-refused') throw error;
    const gone = await findGone(deps, attaching, entries);
    if (gone.size === 0) throw error;
    await writeIndex(deps, attaching, withoutEntries(entries, gone));
  }
}

/**
 * What the inventory knows to refer to the subject and the index lacks, as the manifests themselves say it. What has no room, and
 * was refused for that, is left out: it must not keep out all that comes after it.
 */
export async function readUnlisted(
  { backend, inventory }: StoreDependencies,
  { repository, subject }: Attaching,
  listed: readonly ReferrerEntry[],
): Promise<readonly ReferrerEntry[]> {
  const known = new Set(listed.map(({ digest }) => digest));
  const entries: ReferrerEntry[] = [];
  let size = toIndex(listed).bytes.length;
  let left = MAX_UNLISTED_BYTES;
  for (const { digest, size: toRead } of await inventory.listReferrers(repository, subject)) {
    if (known.has(digest)) continue;
    left -= toRead;
    if (left < 0 || listed.length + entries.length >= MAX_REFERRERS) break;
    const place = { repository, reference: digest };
    const facts = await readFacts(backend, place, AbortSignal.timeout(LOOK_TIMEOUT_MS));
    if (facts?.subject !== subject) continue;
    const entry = referrerEntry(facts);
    const grown = size + 1 + Buffer.byteLength(JSON.stringify(entry));
    if (grown > MAX_MANIFEST_BYTES) continue;
    entries.push(entry);
    size = grown;
  }
  return entries;
}

export function isSame(stored: StoredIndex | null, entries: readonly ReferrerEntry[]): boolean {
  return stored !== null && JSON.stringify(stored.entries) === JSON.stringify(entries);
}

/**
 * Lists a manifest among the referrers of its subject, and with it any that a lost answer left out. One writer a subject, so
 * that none of many at once is lost.
 *
 * @throws Refused when the index is full or the registry can't be reached: pushing the manifest again lists it
 */
export async function addReferrer(
  deps: StoreDependencies,
  attaching: Attaching,
  facts: ManifestFacts,
): Promise<void> {
  const { repository, subject } = attaching;
  await deps.inventory.exclusively(referrersLock(repository, subject), async () => {
    const stored = await readStoredIndex(
      deps.backend,
      attaching,
      AbortSignal.timeout(LOOK_TIMEOUT_MS),
    );
    const listed = uniteEntries(stored?.entries ?? [], [referrerEntry(facts)]);
    const entries = uniteEntries(listed, await readUnlisted(deps, attaching, listed));
    if (!isSame(stored, entries)) await writeEntries(deps, attaching, entries);
  });
}

/** Takes a manifest off the list. Under the lock of the subject, so that nobody lists it again before it is deleted. */
export async function takeOffList(
  deps: StoreDependencies,
  attaching: Attaching,
  digest: Digest,
): Promise<void> {
  const stored = await readStoredIndex(
    deps.backend,
    attaching,
    AbortSignal.timeout(LOOK_TIMEOUT_MS),
  );
  if (stored?.entries.some((entry) => entry.digest === digest) === true) {
    await writeEntries(deps, attaching, withoutEntries(stored.entries, new Set([digest])));
  }
}
