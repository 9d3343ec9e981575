import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { failureReason } from '../src/contract/error-reason';
import { ERRORS, ReleaseError } from '../src/contract/errors';
import { inParallel } from '../src/contract/in-parallel';
import type { RescanSettings } from '../src/contract/messages';
import { judgeChange, refusedOf } from '../src/domain/rescan';
import { distrustDatabase } from '../src/domain/scan-gate';
import type { Verdict } from '../src/domain/verdict';
import type { KeptQuery, KeptScan } from '../src/ports/rescans';
import type { ScanDatabase } from '../src/ports/scanner';
import { heartbeating } from './heartbeat';
import { judgeDocument } from './judge-document';
import { readSbom } from './read-sbom';
import type { RescanDeps, RescanFinding, RescanSliceInput, RescanSliceResult } from './rescan';
import { cursorOf, dueOf, isOfRest, nextOf } from './rescan-turns';
import { currentRunId } from './verdicts';

const MAX_REFUSED = 20;
const MAX_UNTOLD = 200;
/** So many failures and no success: it is not the images. */
const MANY = 3;

interface Outcome {
  readonly kept: KeptScan;
  /** Null when it is good, or was not scanned. */
  readonly finding: RescanFinding | null;
  readonly scanned: boolean;
  /** What kept it from being scanned. */
  readonly failed: unknown;
}

/** @throws ReleaseError SCANNER_UNAVAILABLE: what such a database does not find means nothing, and admission must not believe it */
async function describeDatabase(
  { scanner, now }: RescanDeps,
  { settings }: RescanSliceInput,
  signal: AbortSignal,
): Promise<ScanDatabase> {
  const database = await scanner.describeDatabase(signal);
  const why = distrustDatabase({ database, policy: settings.scan, now: now().toISOString() });
  if (why !== null) throw notBelieved(why);
  return database;
}

function notBelieved(why: string): ReleaseError {
  return new ReleaseError('SCANNER_UNAVAILABLE', why, {
    details: { remedy: 'bring the vulnerability database of the worker up to date' },
  });
}

export function windowOf(
  { rollbackWindow }: RescanSettings,
  nowMs: number,
): Pick<KeptQuery, 'windowSince' | 'windowPins'> {
  const windowSince = new Date(nowMs - rollbackWindow.maxAgeMs).toISOString();
  return { windowSince, windowPins: rollbackWindow.maxPins };
}

function queryOf(input: RescanSliceInput, nowMs: number): KeptQuery {
  const { settings, target, running, runStartedAt, after } = input;
  return {
    ...windowOf(settings, nowMs),
    ...(target && { svc: target.svc, ...(target.digest && { digest: target.digest }) }),
    running,
    notScannedSince: runStartedAt,
    after: cursorOf(after),
    limit: settings.sliceSize,
  };
}

async function scanAgain(
  deps: RescanDeps,
  { settings }: RescanSliceInput,
  kept: KeptScan,
  database: ScanDatabase,
  signal: AbortSignal,
): Promise<Verdict> {
  const { svc, digest, repository } = kept;
  const payload = await readSbom(deps.registry, kept, kept.sbom);
  const image = { repository, digest };
  const scanned = { svc, image, payload, policy: settings.scan, database };
  const verdict = await judgeDocument(deps, scanned, signal);
  if (verdict.outcome === 'error') throw notBelieved(verdict.reasons.join(' '));
  // One run may answer for a digest of two services.
  const runId = `${currentRunId()}/${svc}`;
  const now = deps.now().toISOString();
  await deps.ledger.recordRescan(kept.releaseId, runId, settings.policyHash, verdict, now);
  return verdict;
}

function findingOf(
  { svc, digest, releaseId, kept }: KeptScan,
  change: RescanFinding['change'],
  refused: readonly string[],
): RescanFinding {
  return {
    svc,
    digest,
    releaseId,
    kept,
    change,
    refused: refused.slice(0, MAX_REFUSED),
    refusedCount: refused.length,
    id: createHash('sha256').update(refused.join('\n')).digest('hex').slice(0, 16),
  };
}

function judged(kept: KeptScan, verdict: Verdict): RescanFinding | null {
  const change = judgeChange(kept.scan, verdict);
  if (change === 'good') return null;
  return findingOf(kept, change, verdict.outcome === 'fail' ? refusedOf(verdict.evidence) : []);
}

/** What an attempt of this slice recorded that was cut off before it could tell. */
async function untold(
  deps: RescanDeps,
  input: RescanSliceInput,
): Promise<readonly RescanFinding[]> {
  if (Context.current().info.attempt < 2) return [];
  const { notScannedSince: scannedSince, ...query } = queryOf(input, deps.now().getTime());
  const page = { ...query, after: null, limit: MAX_UNTOLD };
  const kept = await deps.rescans.listKept({
    ...page,
    ...(scannedSince !== undefined && { scannedSince }),
  });
  return kept.flatMap((one) =>
    one.scan?.outcome === 'fail' ? [findingOf(one, 'still-bad', one.scan.refused)] : [],
  );
}

async function scanOne(
  deps: RescanDeps,
  input: RescanSliceInput,
  kept: KeptScan,
  database: ScanDatabase,
  signal: AbortSignal,
): Promise<Outcome> {
  const nothing = { kept, finding: null, scanned: false, failed: null };
  try {
    // Nobody pulls it, scanner and admission included.
    if (await deps.ledger.isQuarantined(kept.digest)) return nothing;
    const verdict = await scanAgain(deps, input, kept, database, signal);
    return { ...nothing, finding: judged(kept, verdict), scanned: true };
  } catch (failed) {
    return { ...nothing, failed };
  }
}

/** What is unreachable for all of them is the slice's failure, and is tried again; else each is told by itself. */
function refuseWhenAllFailed(outcomes: readonly Outcome[]): void {
  const failures = outcomes.filter(({ failed }) => failed !== null);
  const first = failures[0]?.failed;
  if (failures.length < MANY || failures.length < outcomes.length) return;
  if (first instanceof ReleaseError && ERRORS[first.code].retryable) throw first;
}

export async function rescanSlice(
  deps: RescanDeps,
  input: RescanSliceInput,
): Promise<RescanSliceResult> {
  return heartbeating(async (signal, note) => {
    const { parallel } = input.settings;
    const database = await describeDatabase(deps, input, signal);
    const earlier = await untold(deps, input);
    const nowMs = deps.now().getTime();
    const isRest = isOfRest(input);
    const images = await deps.rescans.listKept({
      ...queryOf(input, nowMs),
      ...(!isRest && { touched: true }),
    });
    const due = await dueOf(deps, images, input, database, nowMs);
    const outcomes = await inParallel(due, parallel, async (kept) => {
      signal.throwIfAborted();
      note(`${kept.svc} ${kept.digest}`);
      return scanOne(deps, input, kept, database, signal);
    });
    signal.throwIfAborted();
    refuseWhenAllFailed(outcomes);
    return {
      next: nextOf(input, images),
      looked: images.length,
      scanned: outcomes.filter(({ scanned }) => scanned).length,
      findings: [...earlier, ...outcomes.flatMap(({ finding }) => finding ?? [])],
      databaseAt: database.updatedAt,
      errors: outcomes.flatMap(({ kept, failed }) =>
        failed === null ? [] : [`${kept.svc} ${kept.digest}: ${failureReason(failed)}`],
      ),
    };
  });
}
