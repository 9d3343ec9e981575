import { ReleaseError } from '../src/contract/errors';
import type { Digest } from '../src/domain/digest';
import type { PlanItem } from '../src/domain/gc/plan';
import { recheckItem, type ItemFacts } from '../src/domain/gc/recheck';
import type { Root } from '../src/domain/gc/roots';
import type { ItemOutcome } from '../src/ports/gc-plans';
import type { Deleted, Manifest } from '../src/ports/registry';
import type { GcRunDeps } from './gc-run';

/** What keeps digests, as of the start of the slice. */
export type RootsByDigest = ReadonlyMap<Digest, readonly Root[]>;

/** What items of a slice are judged by. */
export interface SliceOf {
  readonly planId: string;
  /** RFC 3339, when the inventory of the plan was read. */
  readonly madeAt: string;
  /** Likewise, earlier by what gateways write down late. */
  readonly unchangedSince: string;
  readonly roots: RootsByDigest;
  /** False once it was tried so often that what fails of one item alone is taken for its own. */
  readonly isPatient: boolean;
}

export interface Settled extends ItemOutcome {
  /** Of a skip: what counts them. */
  readonly kind: string | null;
}

type Verdict = Omit<Settled, 'ordinal' | 'at'>;

const DELETED: Verdict = { outcome: 'deleted', reason: null, kind: null };

const skipped = (kind: string, reason: string): Verdict => ({ outcome: 'skipped', reason, kind });

async function factsOf(
  { gcItemFacts }: GcRunDeps,
  item: PlanItem,
  { roots, madeAt }: SliceOf,
): Promise<ItemFacts> {
  const { children, referrers, ...facts } = await gcItemFacts.read(item);
  const plannedAtMs = Date.parse(madeAt);
  // Evidence that is kept in its own right keeps what it is about.
  const related = [item.digest, ...children, ...referrers.map(({ digest }) => digest)];
  return {
    ...facts,
    plannedAtMs,
    referrers: referrers.map(({ taggedAtMs, ...one }) => ({
      ...one,
      tagged: taggedAtMs !== null && taggedAtMs >= plannedAtMs,
    })),
    roots: related.flatMap((digest) => roots.get(digest) ?? []),
    unknown: [],
  };
}

/** Past the gateway: that reading is nobody's use of it. Null when the registry lacks it. */
async function readManifest({ catalog }: GcRunDeps, item: PlanItem): Promise<Manifest | null> {
  try {
    return await catalog.getManifest(item);
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'DIGEST_NOT_FOUND') return null;
    throw error;
  }
}

/** Before the delete, so that nothing is gone that could not be put back. */
async function bury(deps: GcRunDeps, item: PlanItem, planId: string): Promise<void> {
  const { repository, digest, tag } = item;
  const manifest = await readManifest(deps, item);
  if (!manifest) return;
  const { mediaType, bytes } = manifest;
  await deps.tombstones.bury({
    ...{ repository, digest, mediaType, bytes, planId },
    tags: tag === null ? [] : [tag],
    deletedAt: deps.now().toISOString(),
  });
}

/** An earlier attempt of this run deleted it and could not say so. */
async function wasOurs(
  { tombstones }: GcRunDeps,
  item: PlanItem,
  planId: string,
): Promise<boolean> {
  const tombstone = await tombstones.find(item.repository, item.digest);
  if (tombstone?.planId !== planId) return false;
  return item.tag === null || tombstone.tags.includes(item.tag);
}

function remove(
  { retention }: GcRunDeps,
  item: PlanItem,
  unchangedSince: string,
): Promise<Deleted> {
  const { tag } = item;
  return tag === null
    ? retention.deleteManifest(item, { unchangedSince })
    : retention.deleteTagOf(item, tag, { unchangedSince });
}

async function judgeAndDelete(deps: GcRunDeps, item: PlanItem, slice: SliceOf): Promise<Verdict> {
  const { planId, unchangedSince } = slice;
  const judged = recheckItem(item, await factsOf(deps, item, slice));
  if (judged.kind === 'skip') {
    const ours = judged.reason === 'gone' && (await wasOurs(deps, item, planId));
    if (ours) return DELETED;
    // By an attempt that ended before it deleted.
    if (judged.reason !== 'gone') await deps.tombstones.exhume({ ...item, planId }, item.tag);
    return skipped(judged.reason, judged.detail);
  }
  await bury(deps, item, planId);
  const deleted = await remove(deps, item, unchangedSince);
  if (deleted.kind === 'deleted') return DELETED;
  // Else it would be listed as gone, and given up by the next reclaim.
  await deps.tombstones.exhume({ ...item, planId }, item.tag);
  return skipped(deleted.rule, deleted.why);
}

function forgetComponents(
  { componentIndex, now }: GcRunDeps,
  { repository, digest }: PlanItem,
): Promise<void> {
  return componentIndex.forget({ repository, digest }, now().toISOString());
}

/**
 * Only the one item is at fault; all else is the run's. A registry that fails at one item as often as it is asked (500, which is no outage
 * of what stands before it) must not keep all items behind it for ever.
 */
function isOfItem(error: unknown, { isPatient }: SliceOf): error is ReleaseError {
  if (!(error instanceof ReleaseError)) return false;
  return error.code === 'INVALID_INPUT' || (!isPatient && error.details['status'] === 500);
}

/** Looks at one item again, and deletes it. @throws ReleaseError what would fail for the others too */
export async function executeItem(
  deps: GcRunDeps,
  item: PlanItem,
  slice: SliceOf,
): Promise<Settled> {
  const { ordinal } = item;
  let verdict: Verdict;
  try {
    verdict = await judgeAndDelete(deps, item, slice);
    // Also of one that an earlier attempt deleted, and died.
    if (verdict.outcome === 'deleted' && item.tag === null) await forgetComponents(deps, item);
  } catch (error) {
    if (!isOfItem(error, slice)) throw error;
    verdict = { outcome: 'failed', reason: error.message.slice(0, 500), kind: null };
  }
  return { ordinal, ...verdict, at: deps.now().toISOString() };
}
