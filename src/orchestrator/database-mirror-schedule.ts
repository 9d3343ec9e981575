import type { Client } from '@temporalio/client';
import {
  DATABASE_WORKFLOWS,
  type DatabaseMirrorInput,
  type DatabaseMirrorSettings,
} from '../contract/database-messages';
import { DATABASE_MIRROR_ID } from '../contract/ids';
import { TASK_QUEUES } from '../contract/queues';
import { ensureSchedule } from './ensure-schedule';

/** Makes the Schedule that mirrors the scanner's databases, or sets it to what the settings say. */
export async function ensureDatabaseMirrorSchedule(
  client: Client,
  everyMs: number,
  settings: DatabaseMirrorSettings,
): Promise<void> {
  const input: DatabaseMirrorInput = { settings };
  await ensureSchedule(client, {
    id: DATABASE_MIRROR_ID,
    everyMs,
    workflowType: DATABASE_WORKFLOWS.mirror,
    // Of the two workers the one that scans.
    taskQueue: TASK_QUEUES.release,
    input,
    summary: 'Databases of the scanner are mirrored',
    // Without one, or with one that grew old while no worker was there, nothing can be scanned.
    ...{ atOnce: true, atEachStart: true },
  });
}
