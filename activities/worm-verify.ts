import { ReleaseError } from '../src/contract/errors';
import { inParallel } from '../src/contract/in-parallel';
import type { StoredItem, WormVersion } from '../src/domain/worm/manifest';
import type { RecordedWormCopy } from '../src/ports/worm-copies';
import { heartbeating } from './heartbeat';
import type { VerifySliceResult, WormDeps, WormSlice } from './worm';
import { readBack, readManifest } from './worm-bytes';

const PARALLEL = 4;

export async function copyOf(
  { wormCopies }: Pick<WormDeps, 'wormCopies'>,
  id: string,
): Promise<RecordedWormCopy> {
  const copy = await wormCopies.get(id);
  if (copy) return copy;
  throw new ReleaseError('COPY_NOT_FOUND', `There is no incident copy "${id}"`, {
    details: { field: 'id', remedy: 'see what there is: plura reg hold list' },
  });
}

/** What is wrong, as a sentence; what could not be asked is thrown. */
async function told(work: () => Promise<string | null>): Promise<string | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'WORM_CORRUPT') return error.message;
    throw error;
  }
}

async function lockProblem(
  { worm }: Pick<WormDeps, 'worm'>,
  version: WormVersion,
  until: string,
): Promise<string | null> {
  const lock = await worm.lockOf(version);
  if (lock !== null && Date.parse(lock) >= Date.parse(until)) return null;
  return `${version.key}: it is locked ${lock === null ? 'not at all' : `until ${lock} only`}`;
}

async function itemProblem(
  deps: WormDeps,
  item: StoredItem,
  until: string,
  signal: AbortSignal,
): Promise<string | null> {
  return told(async () => {
    await readBack(deps.worm, item, item.digest, signal);
    return lockProblem(deps, item, until);
  });
}

/** Reads a slice of the copy back, by the manifest in the store. Without that nothing else can be told. */
export async function verifyWormSlice(
  deps: WormDeps,
  { id, from, limit }: WormSlice,
): Promise<VerifySliceResult> {
  return heartbeating(async (signal, note) => {
    const copy = await copyOf(deps, id);
    const unread = await told(async () => {
      await readManifest(deps.worm, copy);
      return copy.manifest && lockProblem(deps, copy.manifest, copy.lockUntil);
    });
    if (unread !== null) return { checked: 0, next: null, problems: [unread] };
    const { items } = await readManifest(deps.worm, copy);
    const slice = items.slice(from, from + limit);
    const problems = await inParallel(slice, PARALLEL, async (item) => {
      signal.throwIfAborted();
      note(`${item.role} ${item.digest}`);
      return itemProblem(deps, item, copy.lockUntil, signal);
    });
    return {
      checked: slice.length,
      next: from + limit < items.length ? from + limit : null,
      problems: problems.filter((problem) => problem !== null),
    };
  });
}
