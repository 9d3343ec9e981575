import { setTimeout as sleep } from 'node:timers/promises';
import type { ReclaimSettings } from '../src/contract/gc-run-messages';
import type { RegistryMode } from '../src/ports/gateway-state';
import type { ReclaimDeps } from './gc-reclaim';

/** Whose closing it is. */
export const OWNER = 'gc-reclaim';

/** What is left when the collector is killed at its deadline, before pushes open by themselves. */
export const MARGIN_MS = 300_000;
const POLL_MS = 500;
/** A push is given up by its gateway well before; what is older waits for the reconcile, and no byte of it moves. */
const PUSH_MS = 60_000;
/** A commit whose end nobody wrote down: its gateway died, and its connection with it. */
const COMMIT_MS = 3_600_000;

/** The closing of one attempt: by its time it is told from those of others. */
export interface Closing extends RegistryMode {
  readonly until: string;
}

const readMode = async ({ gatewayState }: ReclaimDeps): Promise<RegistryMode> =>
  (await gatewayState.read({ parents: false, children: false })).mode;

/** A closing or a seal that some attempt left behind, or holds still. */
async function findOurs(deps: ReclaimDeps): Promise<RegistryMode | null> {
  const mode = await readMode(deps);
  return mode.pushes === 'closed' && mode.by === OWNER ? mode : null;
}

export async function isStill(deps: ReclaimDeps, { by, since }: Closing): Promise<boolean> {
  const mode = await readMode(deps);
  return mode.pushes === 'closed' && mode.by === by && mode.since === since;
}

/** Later than what it replaces, so that the two are told apart. */
function closedFor(deps: ReclaimDeps, forMs: number, sealed: boolean, after?: string): Closing {
  const nowMs = Math.max(deps.now().getTime(), after === undefined ? 0 : Date.parse(after) + 1);
  return {
    pushes: 'closed',
    reason: 'storage is reclaimed',
    by: OWNER,
    since: new Date(nowMs).toISOString(),
    until: new Date(nowMs + forMs + MARGIN_MS).toISOString(),
    sealed,
  };
}

/**
 * Ends an earlier attempt, of which nobody knows whether it is dead: with its seal it loses the right to collect, which it sees within
 * `waitMs` (see whileOurs). The registry stays sealed meanwhile, as its collector may run until then.
 */
export async function takeOver(
  deps: ReclaimDeps,
  waitMs: number,
  signal?: AbortSignal,
): Promise<RegistryMode | null> {
  const ours = await findOurs(deps);
  if (ours?.sealed !== true) return ours;
  const taken = closedFor(deps, waitMs, true, ours.since);
  // A collector in a container or a pod is ended only after that, else by its own deadline.
  const until = [taken.until, ours.until ?? ''].sort().at(-1) ?? taken.until;
  const mode = { ...taken, until };
  if (!(await deps.gatewayState.replaceMode(ours, mode))) return null;
  await sleep(waitMs, undefined, { ...(signal && { signal }) });
  return mode;
}

/** Why it is not ours to close, or our closing. */
export async function closePushes(
  deps: ReclaimDeps,
  { drainMs, settleMs, collectorMs }: ReclaimSettings,
): Promise<string | Closing> {
  const mode = await readMode(deps);
  if (mode.pushes === 'closed' && mode.by !== OWNER) {
    return `pushes are closed by ${mode.by}: ${mode.reason}`;
  }
  const forMs = 2 * drainMs + 2 * settleMs + collectorMs;
  const closing = closedFor(deps, forMs, false, mode.since);
  await deps.gatewayState.setMode(closing);
  return closing;
}

/** From here on uploads can't end either: a collector may run. Null when somebody opened or closed pushes meanwhile. */
export async function seal(
  deps: ReclaimDeps,
  closing: Closing,
  { settleMs, collectorMs }: ReclaimSettings,
): Promise<Closing | null> {
  const sealed = closedFor(deps, 2 * settleMs + collectorMs, true, closing.since);
  return (await deps.gatewayState.replaceMode(closing, sealed)) ? sealed : null;
}

/** False when it was somebody else's by now, whose affair it is then. */
export async function openAgain(
  deps: ReclaimDeps,
  closing: Pick<RegistryMode, 'by' | 'since'>,
): Promise<boolean> {
  return deps.gatewayState.replaceMode(closing, {
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
  const at = (ms: number): string => new Date(now.getTime() + ms).toISOString();
  const pushes = await deps.pendingPushes.listPending({
    before: at(PUSH_MS),
    since: at(-PUSH_MS),
    limit: 1,
  });
  return pushes.length + (await deps.uploadLeases.countCommits(at(-COMMIT_MS)));
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
