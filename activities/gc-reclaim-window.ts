import { setTimeout as sleep } from 'node:timers/promises';
import type { ReclaimSettings } from '../src/contract/gc-run-messages';
import type { RegistryMode } from '../src/ports/gateway-state';
import type { ReclaimDeps } from './gc-reclaim';

/** Whose closing it is. */
export const OWNER = 'gc-reclaim';

/** What is left when the collector is killed at its deadline, before pushes open by themselves. */
const MARGIN_MS = 300_000;
const POLL_MS = 500;
/** A push is given up by its gateway well before; what is older waits for the reconcile, and no byte of it moves. */
const PUSH_MS = 60_000;
/** A commit whose end nobody wrote down: its gateway died, and its connection with it. */
const COMMIT_MS = 3_600_000;
const MAX_OPEN = 1000;

function closedFor(deps: ReclaimDeps, forMs: number, sealed: boolean): RegistryMode {
  const nowMs = deps.now().getTime();
  return {
    pushes: 'closed',
    reason: 'storage is reclaimed',
    by: OWNER,
    since: new Date(nowMs).toISOString(),
    until: new Date(nowMs + forMs + MARGIN_MS).toISOString(),
    sealed,
  };
}

/** Why it is not ours to close; null when it is. */
export async function closePushes(
  deps: ReclaimDeps,
  { drainMs, settleMs, collectorMs }: ReclaimSettings,
): Promise<string | null> {
  const { mode } = await deps.gatewayState.read({ parents: false, children: false });
  if (mode.pushes === 'closed' && mode.by !== OWNER) {
    return `pushes are closed by ${mode.by}: ${mode.reason}`;
  }
  await deps.gatewayState.setMode(closedFor(deps, 2 * drainMs + 2 * settleMs + collectorMs, false));
  return null;
}

/** From here on uploads can't end either: a collector may run. Returns until when. */
export async function seal(
  deps: ReclaimDeps,
  { settleMs, collectorMs }: ReclaimSettings,
): Promise<string> {
  const mode = closedFor(deps, 2 * settleMs + collectorMs, true);
  await deps.gatewayState.setMode(mode);
  return mode.since;
}

export async function openAgain(deps: ReclaimDeps): Promise<void> {
  await deps.gatewayState.setMode({
    pushes: 'open',
    reason: 'storage was reclaimed',
    by: OWNER,
    since: deps.now().toISOString(),
    until: null,
  });
}

/** Manifests on their way to the registry, and ends of uploads. */
async function countOpen(deps: ReclaimDeps): Promise<number> {
  const now = deps.now();
  const since = (ms: number): string => new Date(now.getTime() - ms).toISOString();
  const pushes = await deps.pendingPushes.listPending({
    before: new Date(now.getTime() + PUSH_MS).toISOString(),
    limit: MAX_OPEN,
  });
  const recent = pushes.filter(({ at }) => Date.parse(at) > now.getTime() - PUSH_MS);
  return recent.length + (await deps.uploadLeases.countCommits(since(COMMIT_MS)));
}

/** Waits at least `ms`, and until nothing is under way; `ms` more at most. False when something still is. */
export async function awaitQuiet(
  deps: ReclaimDeps,
  ms: number,
  signal: AbortSignal,
): Promise<boolean> {
  await sleep(ms, undefined, { signal });
  const deadline = performance.now() + Math.max(ms, POLL_MS);
  while ((await countOpen(deps)) > 0) {
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS, undefined, { signal });
  }
  return true;
}
