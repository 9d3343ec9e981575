import { placesOf } from '../src/domain/accounting/places';
import type { RecordAges } from '../src/domain/accounting/policy';
import { AGEING_RECORDS, type AgeingRecord } from '../src/ports/old-records';
import type { Deps } from './deps';
import { heartbeating } from './heartbeat';

export interface AccountStorageInput {
  /** RFC 3339, when the run began: a retry counts for the same day, and forgets no more. */
  readonly at: string;
}

export interface ForgetRecordsInput extends AccountStorageInput {
  readonly keep: RecordAges;
}

export interface SampleStorageResult {
  readonly day: string;
  readonly storageBytes: number;
  readonly repositories: number;
}

export interface ForgetRecordsResult {
  readonly forgotten: number;
  /** There may be more of them. */
  readonly more: boolean;
}

export interface AccountStorageActivities {
  /** Counts what is stored; the sample of that day, in place of an earlier one. Throws LEDGER_UNAVAILABLE. */
  sampleStorage(input: AccountStorageInput): Promise<SampleStorageResult>;
  /** Records older than they are kept, a bounded number. Throws LEDGER_UNAVAILABLE. */
  forgetRecords(input: ForgetRecordsInput): Promise<ForgetRecordsResult>;
}

type AccountingDeps = Pick<Deps, 'storageSamples' | 'oldRecords' | 'services'>;

/** Small deletes: pushes and pulls write the same tables meanwhile. */
const BATCH = 1000;
const MAX_BATCHES = 50;

export function createAccountStorageActivities(deps: AccountingDeps): AccountStorageActivities {
  return {
    sampleStorage: (input) => heartbeating(() => sampleStorage(deps, input)),
    forgetRecords: (input) => heartbeating(() => forgetRecords(deps, input)),
  };
}

async function sampleStorage(
  { storageSamples, services }: AccountingDeps,
  { at }: AccountStorageInput,
): Promise<SampleStorageResult> {
  const places = placesOf(await storageSamples.repositories(), services);
  const { day, totals } = await storageSamples.take({ day: at.slice(0, 10), at, places });
  return { day, storageBytes: totals.storageBytes, repositories: totals.repositories };
}

/** A reclaim goes by those of the last day (RECLAIM_SETTINGS, `leaseMs`). */
const LEASES_MS = 7 * 86_400_000;
/** What was never executed is read while it could be, and a while after. */
const PLAN_ITEMS_MS = 90 * 86_400_000;
/** As moves of tags: what was deleted when, and by which rule. */
const PLANS_MS = 400 * 86_400_000;

function ageOf(kind: AgeingRecord, keep: RecordAges): number {
  return {
    'registry-events': keep.eventsMs,
    'tag-moves': keep.tagMovesMs,
    'storage-samples': keep.samplesMs,
    'upload-leases': LEASES_MS,
    'plan-items': PLAN_ITEMS_MS,
    'run-items': PLANS_MS,
    plans: PLANS_MS,
  }[kind];
}

async function forgetRecords(
  { oldRecords }: AccountingDeps,
  { at, keep }: ForgetRecordsInput,
): Promise<ForgetRecordsResult> {
  let forgotten = 0;
  let more = false;
  for (const kind of AGEING_RECORDS) {
    const before = new Date(Date.parse(at) - ageOf(kind, keep)).toISOString();
    for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
      const gone = await oldRecords.forget(kind, before, BATCH);
      forgotten += gone;
      if (gone < BATCH) break;
      if (batch === MAX_BATCHES - 1) more = true;
    }
  }
  return { forgotten, more };
}
