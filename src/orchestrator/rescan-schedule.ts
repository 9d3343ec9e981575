import type { Client } from '@temporalio/client';
import { RESCAN_ID } from '../contract/ids';
import { WORKFLOWS, type RescanInput, type RescanSettings } from '../contract/messages';
import { TASK_QUEUES } from '../contract/queues';
import { ensureSchedule } from './ensure-schedule';

/** Makes the Schedule that scans again what is kept, or sets it to what the settings say. */
export async function ensureRescanSchedule(
  client: Client,
  everyMs: number,
  settings: RescanSettings,
): Promise<void> {
  const input: RescanInput = { settings };
  await ensureSchedule(client, {
    id: RESCAN_ID,
    everyMs,
    workflowType: WORKFLOWS.rescan,
    // Of the two workers the one that scans.
    taskQueue: TASK_QUEUES.release,
    input,
    summary: 'What is kept is scanned again',
  });
}
