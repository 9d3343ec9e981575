import { ActivityFailure, ApplicationFailure, patched } from '@temporalio/workflow';
import type { EdgeStateInput } from '../../activities/freezes';
import type { ScannedDigest } from '../../activities/scan-stands';
import { describeFrozen, type Edge, type EdgeState } from '../../src/domain/freeze';
import { ranOutOfTime, requirePass } from './failure';
import { pollActivities } from './proxies';
import type { ReleaseRun } from './release-run';

export type EdgeOfRun = Omit<Edge, 'svc'>;

/** An answer that took longer may be of another time: the workers were away while it was on its way. */
const FRESH_MS = 60_000;
const MAX_STALE = 3;

async function ask(run: ReleaseRun, edge: EdgeOfRun): Promise<EdgeState> {
  for (let stale = 0; ; stale += 1) {
    const askedMs = Date.now();
    const state = await run.proxies.quick.edgeState.executeWithOptions(
      { summary: `${edge.env} ${edge.edge}: frozen?` },
      [{ svc: run.input.service.svc, ...edge }],
    );
    const isFresh = Date.now() - askedMs < FRESH_MS;
    if (isFresh || state.state === 'frozen') return state;
    if (stale === MAX_STALE) throw unanswered(edge);
  }
}

function unanswered({ env, edge }: EdgeOfRun): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `Whether ${env} ${edge} is open was answered ${MAX_STALE + 1} times, each time after more than ${FRESH_MS / 1_000} s: too late to rely on`,
    'LEDGER_UNAVAILABLE',
  );
}

/** Until the edge opens or is closed by something else, or for a day: then it is asked again. */
async function awaitChange(run: ReleaseRun, edge: EdgeOfRun, known: string): Promise<void> {
  try {
    await pollActivities().awaitEdge.executeWithOptions(
      { summary: `${edge.env} ${edge.edge}: frozen` },
      [{ svc: run.input.service.svc, ...edge, known }],
    );
  } catch (error) {
    if (ranOutOfTime(error)) return;
    throw error;
  }
}

async function outlast(run: ReleaseRun, edge: EdgeOfRun, first: EdgeState): Promise<void> {
  const what = `${edge.env} ${edge.edge}`;
  let state = first;
  const sinceMs = Date.now();
  run.frozen.sinceMs = sinceMs;
  try {
    while (state.state === 'frozen') {
      const why = describeFrozen(state);
      run.progress.note(`Waits before ${what}: ${why}`);
      await awaitChange(run, edge, why);
      state = await ask(run, edge);
    }
    run.progress.note(`${what} is open again: goes on.`);
  } finally {
    run.frozen.totalMs += Date.now() - sinceMs;
    run.frozen.sinceMs = null;
  }
}

/** Releases that started before exceptions were asked about at each step; to be removed once none of them runs. */
const SCAN_STANDS = 'scan-stands';

function scannedBy(run: ReleaseRun): ScannedDigest | null {
  const { digest } = run.progress.status();
  return digest && patched(SCAN_STANDS) ? { releaseId: run.input.releaseId, digest } : null;
}

/** An exception may have ended since the scan, in a canary or while the release waited. Throws GATE_FAILED. */
async function requireScanStands(run: ReleaseRun): Promise<void> {
  const scanned = scannedBy(run);
  if (!scanned) return;
  const verdict = await run.proxies.quick.scanStands.executeWithOptions(
    { summary: 'scan: do its exceptions stand?' },
    [{ release: run.release, digest: scanned.digest }],
  );
  if (verdict.outcome === 'pass') return;
  run.progress.record(verdict);
  requirePass(verdict);
}

/**
 * Waits before an irreversible step for as long as a freeze covers it or the line is stopped; to be called immediately before that
 * step. Aborting ends the wait; compensation and rollback pass no edge. Throws GATE_FAILED when the scan does not stand any more. True: it
 * had to wait.
 */
export async function passEdge(run: ReleaseRun, edge: EdgeOfRun): Promise<boolean> {
  // A release that started before there were freezes ends as it began.
  if (!run.input.plan) return false;
  const state = await ask(run, edge);
  const isFrozenNow = state.state === 'frozen';
  if (isFrozenNow) {
    await run.progress.step(run.progress.status().stage, `freeze: ${edge.env} ${edge.edge}`, () =>
      outlast(run, edge, state),
    );
  }
  await requireScanStands(run);
  return isFrozenNow;
}

/** A write behind an edge that was open. */
export interface BehindEdge {
  readonly edge: EdgeOfRun;
  /** What has to be so before it is tried again; passes the edge. */
  readonly again?: () => Promise<unknown>;
}

/**
 * Writes behind an edge. It may be tried for as long as its dependency is down: each attempt asks the edge first, and where that has
 * closed meanwhile nothing is written until it is passed again.
 */
export async function writeBehind<T>(
  run: ReleaseRun,
  behind: BehindEdge | undefined,
  write: (asked: { readonly edge?: EdgeStateInput }) => Promise<T>,
): Promise<T> {
  if (!run.input.plan || !behind) return write({});
  const { edge, again = (): Promise<unknown> => passEdge(run, edge) } = behind;
  for (;;) {
    try {
      const scanned = scannedBy(run);
      return await write({
        edge: { svc: run.input.service.svc, ...edge, ...(scanned && { scanned }) },
      });
    } catch (error) {
      if (!isFrozen(error)) throw error;
      await again();
    }
  }
}

function isFrozen(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : null;
  return cause instanceof ApplicationFailure && cause.type === 'FROZEN';
}
