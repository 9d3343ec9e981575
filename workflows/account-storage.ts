import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { AccountingInput, AccountingReport } from '../src/contract/accounting';
import type { RecordAges } from '../src/domain/accounting/policy';
import { attempt } from './steps/attempt';
import { bullets, firstLines } from './steps/report';

/** Counting reads whole tables: minutes where millions of manifests are held. What stays away for longer waits for the next run. */
const activities = proxyActivities<Activities>({
  startToCloseTimeout: 900_000,
  heartbeatTimeout: 20_000,
  scheduleToCloseTimeout: 1_800_000,
  retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 60_000 },
});

/** Of one run; what is left then is left to the next. */
const MAX_FORGETS = 20;

/**
 * Counts what is stored, as the sample of its day, and forgets records that are too old. Started by the Schedule `account-storage`,
 * never two at a time; id `account-storage-{time}`, on the release queue. It takes no messages, and does not fail when the ledger
 * stays away: its report says what could not be done, and metrics tell the age of the last sample.
 */
export async function accountStorageWorkflow({
  settings,
}: AccountingInput): Promise<AccountingReport> {
  const startedAt = new Date().toISOString();
  const sampled = await attempt(() =>
    activities.sampleStorage.executeWithOptions({ summary: 'what is stored' }, [{ at: startedAt }]),
  );
  const forgotten = await forgetOld(startedAt, settings.keep);
  const sample = sampled.stopped === null ? sampled.value : null;
  const errors = firstLines([sampled.stopped, forgotten.stopped].filter((why) => why !== null));
  const report: AccountingReport = {
    startedAt,
    endedAt: new Date().toISOString(),
    outcome: errors.length > 0 ? 'incomplete' : 'done',
    storageBytes: sample?.storageBytes ?? null,
    repositories: sample?.repositories ?? null,
    forgotten: forgotten.count,
    errors,
  };
  setCurrentDetails(describe(report));
  return report;
}

interface Forgotten {
  readonly count: number;
  readonly stopped: string | null;
}

async function forgetOld(at: string, keep: RecordAges): Promise<Forgotten> {
  let count = 0;
  for (let round = 0; round < MAX_FORGETS; round += 1) {
    const done = await attempt(() =>
      activities.forgetRecords.executeWithOptions({ summary: 'old records' }, [{ at, keep }]),
    );
    if (done.stopped !== null) return { count, stopped: done.stopped };
    count += done.value.forgotten;
    if (!done.value.more) break;
  }
  return { count, stopped: null };
}

function describe({ outcome, storageBytes, forgotten, errors }: AccountingReport): string {
  const bytes = storageBytes === null ? 'not counted' : `${(storageBytes / 1e9).toFixed(3)} GB`;
  return [
    `### Storage: ${outcome}`,
    `Stored: ${bytes}. Old records forgotten: ${forgotten}.`,
    ...bullets('Not done', errors),
  ].join('\n\n');
}
