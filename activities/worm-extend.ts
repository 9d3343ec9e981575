import { inParallel } from '../src/contract/in-parallel';
import { heartbeating } from './heartbeat';
import type { EndExtendInput, ExtendSliceInput, SliceResult, WormDeps } from './worm';
import { readManifest } from './worm-bytes';
import { holdIdOf } from './worm-copy';
import { writeManifest } from './worm-seal';
import { copyOf } from './worm-verify';

const PARALLEL = 8;
const MAX_HOLDS = 100;

export async function extendWormSlice(
  deps: WormDeps,
  { id, from, limit, until }: ExtendSliceInput,
): Promise<SliceResult> {
  return heartbeating(async (signal) => {
    const { items } = await readManifest(deps.worm, await copyOf(deps, id));
    await inParallel(items.slice(from, from + limit), PARALLEL, (item) => {
      signal.throwIfAborted();
      return deps.worm.lock(item, until);
    });
    return { next: from + limit < items.length ? from + limit : null };
  });
}

/** The hold in the registry lasts as long as the lock: a longer one takes the place of the former. */
async function holdLonger(deps: WormDeps, input: EndExtendInput): Promise<void> {
  const { id, until, by, at } = input;
  const { digest, repository, reason } = await copyOf(deps, id);
  const longer = `${holdIdOf(id)}-${Date.parse(until).toString(36)}`;
  const said = `incident copy ${id}: ${reason}`;
  const open = await deps.allowList.listHolds({ digests: [digest], limit: MAX_HOLDS });
  const former = open.filter((one) => one.id.startsWith(holdIdOf(id)) && one.id !== longer);
  await deps.allowList.addHold({ id: longer, digest, repository, reason: said, by, at, until });
  for (const hold of former) await deps.allowList.releaseHold(hold.id, by, `until ${until}`, at);
}

/** Every content is locked for longer: a manifest that says so, beside the one there was. */
export async function endWormExtend(deps: WormDeps, input: EndExtendInput): Promise<void> {
  const { id, until, at } = input;
  const copy = await copyOf(deps, id);
  // Done by an attempt whose answer was lost.
  if (Date.parse(copy.lockUntil) < Date.parse(until)) {
    const before = await readManifest(deps.worm, copy);
    const manifest = await writeManifest(deps, { ...before, lockUntil: until });
    const { objects, bytes } = copy;
    await deps.wormCopies.seal(id, { lockUntil: until, objects, bytes, manifest, at });
  }
  await holdLonger(deps, input);
}
