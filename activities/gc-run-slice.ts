import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { ReleaseError } from '../src/contract/errors';
import type { Digest } from '../src/domain/digest';
import type { Root } from '../src/domain/gc/roots';
import type { RecordedItem } from '../src/ports/gc-plans';
import { readRootsNow } from './gc-roots-now';
import type { ExecuteGcSliceInput, GcRunDeps, GcSliceResult } from './gc-run';
import { executeItem, type RootsByDigest, type Settled, type SliceOf } from './gc-run-item';
import { heartbeating } from './heartbeat';

/** Written down together; what a crash takes of them is found again by their tombstones. */
const SETTLE_TOGETHER = 20;
const ROOTS_GOOD_FOR_MS = 10_000;
/** Attempts of an activity: a minute and a half has passed by then. */
const IMPATIENT_FROM = 8;

/** @throws ReleaseError LEDGER_UNAVAILABLE when a source is missing: then nothing is known to be free of roots. */
async function readRoots(deps: GcRunDeps, signal: AbortSignal): Promise<RootsByDigest> {
  const { roots, missing } = await readRootsNow(deps, signal);
  if (missing.length > 0) {
    throw new ReleaseError('LEDGER_UNAVAILABLE', `What has to stay is not known: ${missing[0]}`, {
      details: { missing },
    });
  }
  const found = new Map<Digest, Root[]>();
  for (const root of roots) {
    const known = found.get(root.digest);
    if (known) known.push(root);
    else found.set(root.digest, [root]);
  }
  return found;
}

/** It may have been paused since. @throws ReleaseError INVALID_INPUT */
function assertNotExpired({ now }: GcRunDeps, expiresAt: string): void {
  if (Date.parse(expiresAt) > now().getTime()) return;
  throw new ReleaseError(
    'INVALID_INPUT',
    `The plan expired at ${expiresAt}: what is left of it stays`,
    { details: { remedy: 'make a new one: plura reg gc --dry-run' } },
  );
}

async function sliceOf(
  deps: GcRunDeps,
  { planId, settings }: ExecuteGcSliceInput,
  signal: AbortSignal,
): Promise<SliceOf> {
  const plan = await deps.gcPlans.getPlan(planId);
  if (!plan) throw new ReleaseError('INVALID_INPUT', `There is no plan ${planId}`);
  const { madeAt, expiresAt } = plan;
  assertNotExpired(deps, expiresAt);
  const unchangedSince = new Date(Date.parse(madeAt) - settings.slackMs).toISOString();
  const isPatient = Context.current().info.attempt < IMPATIENT_FROM;
  return { planId, madeAt, unchangedSince, isPatient, roots: await readRoots(deps, signal) };
}

function sumUp(
  items: readonly RecordedItem[],
  settled: readonly Settled[],
): Omit<GcSliceResult, 'next'> {
  const of = (outcome: Settled['outcome']): readonly Settled[] =>
    settled.filter((one) => one.outcome === outcome);
  const bytes = new Map(items.map((item) => [item.ordinal, item.bytes]));
  const skips: Record<string, number> = {};
  for (const { kind } of of('skipped')) {
    if (kind !== null) skips[kind] = (skips[kind] ?? 0) + 1;
  }
  return {
    counts: {
      deleted: of('deleted').length,
      skipped: of('skipped').length,
      failed: of('failed').length,
      bytes: of('deleted').reduce((sum, { ordinal }) => sum + (bytes.get(ordinal) ?? 0), 0),
    },
    skips,
    errors: of('failed').map(({ ordinal, reason }) => `item ${ordinal}: ${reason ?? ''}`),
  };
}

function nextOf(items: readonly RecordedItem[], done: number, sliceSize: number): number | null {
  const open = items[done];
  if (open) return open.ordinal;
  const last = items.length === sliceSize ? items.at(-1) : undefined;
  return last ? last.ordinal + 1 : null;
}

/** Of a slow slice read again: a release may have begun since. */
function createRootsNow(
  deps: GcRunDeps,
  first: RootsByDigest,
  signal: AbortSignal,
): () => Promise<RootsByDigest> {
  let roots = first;
  let goodUntil = performance.now() + ROOTS_GOOD_FOR_MS;
  return async () => {
    const beganAt = performance.now();
    if (beganAt < goodUntil) return roots;
    roots = await readRoots(deps, signal);
    const readAt = performance.now();
    // A tenth of the time goes into it at most.
    goodUntil = readAt + Math.max(ROOTS_GOOD_FOR_MS, 9 * (readAt - beganAt));
    return roots;
  };
}

/** Keeps what is done even when the rest can't be. */
function createSettling(
  { gcPlans }: GcRunDeps,
  planId: string,
): {
  readonly settled: readonly Settled[];
  readonly add: (one: Settled) => Promise<void>;
  readonly write: () => Promise<void>;
} {
  const settled: Settled[] = [];
  let written = 0;
  const write = async (): Promise<void> => {
    const waiting = settled.slice(written);
    if (waiting.length === 0) return;
    await gcPlans.settleItems(
      planId,
      waiting.map(({ ordinal, outcome, reason, at }) => ({ ordinal, outcome, reason, at })),
    );
    written += waiting.length;
  };
  return {
    settled,
    write,
    add: async (one) => {
      settled.push(one);
      if (settled.length - written >= SETTLE_TOGETHER) await write();
    },
  };
}

export async function executeGcSlice(
  deps: GcRunDeps,
  input: ExecuteGcSliceInput,
): Promise<GcSliceResult> {
  const { planId, from, settings } = input;
  const { sliceSize, requestsPerSecond } = settings;
  return heartbeating(async (signal, note) => {
    const items = await deps.gcPlans.listItems(planId, { from, limit: sliceSize, open: true });
    if (items.length === 0) return { next: null, ...sumUp([], []) };
    const slice = await sliceOf(deps, input, signal);
    const rootsNow = createRootsNow(deps, slice.roots, signal);
    const settling = createSettling(deps, planId);
    try {
      for (const item of items) {
        // Paused, cancelled, or the worker stops: what is done counts.
        if (signal.aborted) break;
        note(`${item.ordinal}`);
        const nextAt = performance.now() + 1000 / requestsPerSecond;
        const roots = await rootsNow();
        await settling.add(await executeItem(deps, item, { ...slice, roots }));
        await sleep(Math.max(0, nextAt - performance.now()));
      }
    } finally {
      await settling.write();
    }
    const { settled } = settling;
    return { next: nextOf(items, settled.length, sliceSize), ...sumUp(items, settled) };
  });
}
