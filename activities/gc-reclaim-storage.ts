import { ReleaseError } from '../src/contract/errors';
import type { ImageRef } from '../src/domain/reference';
import type { Reclaimer } from '../src/ports/reclaimer';
import type { RecordedReclaim } from '../src/ports/reclaims';
import type { ReclaimDeps, ReclaimStorageInput, ReclaimStorageResult } from './gc-reclaim';
import { dropLeases, holdLeases } from './gc-reclaim-leases';
import { timeLeft, whileOurs } from './gc-reclaim-guard';
import {
  awaitQuiet,
  closePushes,
  openAgain,
  OWNER,
  seal,
  takeOver,
  type Closing,
} from './gc-reclaim-window';
import { heartbeating } from './heartbeat';

interface Reclaiming {
  readonly deps: ReclaimDeps;
  readonly reclaimer: Reclaimer;
  readonly input: ReclaimStorageInput;
  readonly reclaim: RecordedReclaim;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

type Collected = Pick<
  ReclaimStorageResult,
  'beforeBytes' | 'afterBytes' | 'leasedBlobs' | 'reclaimedTombstones'
>;

const NOTHING: Collected = {
  ...{ beforeBytes: null, afterBytes: null },
  ...{ leasedBlobs: 0, reclaimedTombstones: 0 },
};

const MAX_EARLIER = 20;

/** What earlier reclaims put in and could not take away. */
async function dropEarlier({ deps, reclaim }: Reclaiming): Promise<void> {
  const earlier = await deps.reclaims.list(MAX_EARLIER);
  for (const { id, leaseManifests } of [...earlier, reclaim]) {
    if (leaseManifests.length === 0) continue;
    const left = await dropLeases(deps, leaseManifests);
    await deps.reclaims.tell(id, { leaseManifests: left });
  }
}

/** The registry is sealed and quiet. */
async function collect(
  run: Reclaiming,
  sealed: Closing,
  beforeBytes: number | null,
): Promise<Collected> {
  const { deps, input, reclaimer, reclaim, signal, note } = run;
  const { since: sealedAt } = sealed;
  const { reclaims, tombstones, now } = deps;
  const since = new Date(Date.parse(sealedAt) - input.settings.leaseMs).toISOString();
  let manifests: readonly ImageRef[] = [];
  try {
    note('holding what pushers were told of');
    const held = await holdLeases(deps, since, async (all) => {
      manifests = all;
      await reclaims.tell(reclaim.id, { leaseManifests: all });
    });
    const deadlineMs = timeLeft(deps, sealed, input.settings.collectorMs);
    const { blobs } = await reclaimer.collect({ deadlineMs, signal, note });
    const afterBytes = await reclaimer.measure(signal);
    const reclaimedTombstones = await tombstones.markReclaimed(
      sealedAt,
      OWNER,
      now().toISOString(),
    );
    await reclaims.tell(reclaim.id, { beforeBytes, afterBytes, blobs });
    return { beforeBytes, afterBytes, leasedBlobs: held.blobs, reclaimedTombstones };
  } finally {
    const left = await dropLeases(deps, manifests);
    await reclaims.tell(reclaim.id, { leaseManifests: left });
  }
}

/** Pushes are closed by us; they are open again when this ends, unless they are somebody else's affair by then. */
async function collectWhenQuiet(run: Reclaiming, closed: Closing): Promise<Collected | string> {
  const { deps, input, reclaimer, signal, note } = run;
  const { drainMs, settleMs, leaseMs } = input.settings;
  let closing = closed;
  try {
    note('waiting for uploads to end');
    if (!(await awaitQuiet(deps, drainMs, signal))) return NOT_QUIET;
    const beforeBytes = await reclaimer.measure(signal);
    const sealed = await seal(deps, closing, input.settings);
    if (!sealed) return 'somebody opened or closed pushes meanwhile';
    closing = sealed;
    note('waiting until every gateway knows');
    if (!(await awaitQuiet(deps, settleMs, signal))) return NOT_QUIET;
    const collected = await whileOurs(deps, sealed, signal, (ours) =>
      collect({ ...run, signal: ours }, sealed, beforeBytes),
    );
    await deps.uploadLeases.forget(new Date(Date.parse(sealed.since) - leaseMs).toISOString());
    return collected;
  } finally {
    // When that is not certain, pushes open by themselves once it must be.
    await reclaimer.stop();
    if (await openAgain(deps, closing)) {
      await deps.reclaims.tell(run.reclaim.id, { openedAt: deps.now().toISOString() });
    }
  }
}

const NOT_QUIET = 'pushes went on for too long';

async function reclaimOffline(run: Reclaiming): Promise<ReclaimStorageResult> {
  const { deps, input, reclaim } = run;
  const { plannedBytes } = reclaim;
  const closing = await closePushes(deps, input.settings);
  if (typeof closing === 'string') {
    return { outcome: 'closed-by-another', reason: closing, plannedBytes, ...NOTHING };
  }
  await deps.reclaims.tell(reclaim.id, { closedAt: deps.now().toISOString() });
  const collected = await collectWhenQuiet(run, closing);
  return typeof collected === 'string'
    ? { outcome: 'not-drained', reason: collected, plannedBytes, ...NOTHING }
    : { outcome: 'done', reason: null, plannedBytes, ...collected };
}

/** By then a registry that collects by itself has, whatever delay it was given. */
const ONLINE_KEPT_MS = 7 * 86_400_000;

/** Nothing to run: what the registry took back by itself is measured, and tombstones stay until it must have. */
async function measureOnline(run: Reclaiming): Promise<ReclaimStorageResult> {
  const { deps, input, reclaimer, reclaim, signal } = run;
  const nowMs = deps.now().getTime();
  const ago = (ms: number): string => new Date(nowMs - ms).toISOString();
  await deps.uploadLeases.forget(ago(input.settings.leaseMs));
  const [last] = (await deps.reclaims.list(MAX_EARLIER)).filter(({ state }) => state === 'done');
  const beforeBytes = last?.afterBytes ?? null;
  const afterBytes = await reclaimer.measure(signal);
  const reclaimedTombstones = await deps.tombstones.markReclaimed(
    ago(ONLINE_KEPT_MS),
    OWNER,
    ago(0),
  );
  await deps.reclaims.tell(reclaim.id, { beforeBytes, afterBytes });
  return {
    ...{ outcome: 'done', reason: null, plannedBytes: reclaim.plannedBytes },
    ...{ ...NOTHING, beforeBytes, afterBytes, reclaimedTombstones },
  };
}

function noCollector(): ReleaseError {
  return new ReleaseError('COLLECTOR_FAILED', 'No collector is configured', {
    details: { remedy: 'set PLURA_COLLECTOR of the release worker (docs/gc-runs.md)' },
  });
}

export async function reclaimStorage(
  deps: ReclaimDeps,
  input: ReclaimStorageInput,
): Promise<ReclaimStorageResult> {
  return heartbeating(async (signal, note) => {
    const { reclaimer } = deps;
    if (!reclaimer) throw noCollector();
    const reclaim = await deps.reclaims.begin(input.id, deps.now().toISOString());
    const run: Reclaiming = { deps, reclaimer, input, reclaim, signal, note };
    if (await takeOver(deps, input.settings.settleMs, signal)) note('after an earlier attempt');
    await reclaimer.stop();
    await dropEarlier(run);
    const result =
      reclaimer.kind === 'online' ? await measureOnline(run) : await reclaimOffline(run);
    await deps.reclaims.tell(input.id, {
      state: result.outcome === 'done' ? 'done' : 'failed',
      reason: result.reason,
      endedAt: deps.now().toISOString(),
    });
    return result;
  });
}
