import { ReleaseError } from '../src/contract/errors';
import { inParallel } from '../src/contract/in-parallel';
import type { WormOrder, WormVersion } from '../src/domain/worm/manifest';
import { blobKey } from '../src/domain/worm/manifest';
import { KEEPS_ONLY } from '../src/ports/allow-list';
import type { WormStep } from '../src/ports/worm-copies';
import { heartbeating } from './heartbeat';
import type { CopySliceInput, CopySliceResult, WormDeps, WormSize } from './worm';
import { readBack } from './worm-bytes';
import { walkClosure } from './worm-closure';

/** Contents under way at once; each has at most a part in memory. */
const PARALLEL = 4;

/** The hold of the digest that a copy keeps it by in the registry. */
export function holdIdOf(id: string): string {
  return `${KEEPS_ONLY}${id}`;
}

/** First the hold: from here on nobody deletes what is copied. */
export async function openWormCopy(deps: WormDeps, order: WormOrder): Promise<WormSize> {
  return heartbeating(async (signal) => {
    await deps.worm.check();
    const { id, digest, repository, by, requestedAt: at, lockUntil: until } = order;
    await deps.wormCopies.begin(order);
    const reason = `incident copy ${id}: ${order.reason}`;
    await deps.allowList.addHold({
      id: holdIdOf(id),
      ...{ digest, repository, reason, by, at, until },
    });
    const { items, tags } = await walkClosure(deps, { repository, digest }, signal);
    await deps.wormCopies.addSteps(id, items, tags);
    return { objects: items.length, bytes: items.reduce((sum, { size }) => sum + size, 0) };
  });
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  await Promise.resolve();
  yield bytes;
}

function open(deps: WormDeps, step: WormStep): () => Promise<AsyncIterable<Uint8Array>> {
  const { repository, digest, role } = step;
  return role === 'index' || role === 'manifest'
    ? async () => once((await deps.content.getManifest({ repository, digest })).bytes)
    : () => deps.content.openBlob({ repository, digest });
}

const isCorrupt = (error: unknown): boolean =>
  error instanceof ReleaseError && error.code === 'WORM_CORRUPT';

/** Stores it, and reads it back. What lies there from before is laid over once when it is not what it should be. */
async function copyStep(
  deps: WormDeps,
  step: WormStep,
  lockUntil: string,
  signal: AbortSignal,
): Promise<WormVersion> {
  const { digest, size } = step;
  const object = { key: blobKey(digest), digest, size, lockUntil, open: open(deps, step) };
  const stored = await deps.worm.put(object);
  try {
    await readBack(deps.worm, stored, digest, signal);
    return stored;
  } catch (error) {
    if (!isCorrupt(error)) throw error;
  }
  const fresh = await deps.worm.put({ ...object, fresh: true });
  await readBack(deps.worm, fresh, digest, signal);
  return fresh;
}

/** The next few contents that are not there yet; what was done before a worker died stays done. */
export async function copyWormObjects(
  deps: WormDeps,
  { id, limit }: CopySliceInput,
): Promise<CopySliceResult> {
  return heartbeating(async (signal, note) => {
    const copy = await deps.wormCopies.get(id);
    if (!copy) throw new ReleaseError('COPY_NOT_FOUND', `There is no copy ${id}`);
    const left = (await deps.wormCopies.steps(id)).filter(({ stored }) => stored === null);
    await inParallel(left.slice(0, limit), PARALLEL, async (step) => {
      signal.throwIfAborted();
      note(`${step.role} ${step.digest}`);
      const stored = await copyStep(deps, step, copy.lockUntil, signal);
      await deps.wormCopies.stepDone(id, step.ordinal, stored);
    });
    return { left: Math.max(0, left.length - limit) };
  });
}
