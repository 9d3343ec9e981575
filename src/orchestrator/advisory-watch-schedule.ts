import type { Client } from '@temporalio/client';
import type {
  AdvisoryWatchInput,
  AdvisoryWatchSettings,
} from '../contract/advisory-watch-messages';
import { ADVISORY_WATCH_ID } from '../contract/ids';
import { WORKFLOWS } from '../contract/messages';
import { TASK_QUEUES } from '../contract/queues';
import { ensureSchedule } from './ensure-schedule';

/** Makes the Schedule that matches what is released with the scanner's advisories, or sets it to what the settings say. */
export function ensureAdvisoryWatchSchedule(
  client: Client,
  everyMs: number,
  settings: AdvisoryWatchSettings,
): Promise<void> {
  const input: AdvisoryWatchInput = { settings };
  return ensureSchedule(client, {
    id: ADVISORY_WATCH_ID,
    everyMs,
    workflowType: WORKFLOWS.advisoryWatch,
    // Of the two workers the one that has the database.
    taskQueue: TASK_QUEUES.release,
    input,
    summary: 'What is released is matched with the advisories',
    atOnce: true,
  });
}
