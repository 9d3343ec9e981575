import type { PushRecord } from '../src/ports/inventory';
import { heartbeating } from './heartbeat';
import { inParallel } from '../src/contract/in-parallel';
import type { ReconcileDeps, SettlePendingInput, SettlePendingResult } from './reconcile';
import { localReason, PARALLEL } from './reconcile-look';

/** More are settled by the next run. */
const MAX_PUSHES = 500;

export function settlePending(
  deps: ReconcileDeps,
  { before }: SettlePendingInput,
): Promise<SettlePendingResult> {
  return heartbeating(async (signal, note) => {
    const pushes = await deps.pendingPushes.listPending({ before, limit: MAX_PUSHES });
    const errors: string[] = [];
    let settled = 0;
    await inParallel(pushes, PARALLEL, async (push) => {
      signal.throwIfAborted();
      const name = `${push.repository}:${push.tag ?? push.digest}`;
      note(name);
      try {
        if (await settle(deps, push)) settled += 1;
      } catch (error) {
        errors.push(`${name}: ${localReason(error)}`);
      }
    });
    return { settled, errors };
  });
}

/** By what the registry holds; false when it does not say clearly. */
async function settle({ catalog, inventory }: ReconcileDeps, push: PushRecord): Promise<boolean> {
  const { repository, tag, digest } = push;
  const reference = tag ?? digest;
  const held = await catalog.describe(repository, reference);
  if (held?.digest === digest) {
    await inventory.completePush(push);
    return true;
  }
  // Another digest is there: this push did not come through, or a later one has replaced it.
  if (held ?? (await catalog.isAbsent(repository, reference))) {
    await inventory.abandonPush(push);
    return true;
  }
  return false;
}
