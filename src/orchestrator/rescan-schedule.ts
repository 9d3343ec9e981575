import type { Client } from '@temporalio/client';
import { RESCAN_ID } from '../contract/ids';
import { WORKFLOWS, type RescanInput, type RescanSettings } from '../contract/messages';
import { ensureSchedule } from './ensure-schedule';

/** Makes the Schedule that scans again what is kept, or sets it to what the settings say. */
export async function ensureRescanSchedule(
  client: Client,
  everyMs: number,
  settings: RescanSettings,
): Promise<void> {
  await ensureSchedule<RescanInput>(client, {
    id: RESCAN_ID,
    everyMs,
    workflow: WORKFLOWS.rescan,
    // Of the two workers the one that scans.
    taskQueue: 'release',
    input: { settings },
    summary: 'What is kept is scanned again',
  });
}
