import type { Client } from '@temporalio/client';
import type { CheckInput, CheckSettings } from '../contract/continuous-check';
import { CHECK_ID } from '../contract/ids';
import { WORKFLOWS } from '../contract/messages';
import { TASK_QUEUES } from '../contract/queues';
import { ensureSchedule } from './ensure-schedule';

/** See ensureSchedule. On the control queue: it goes on where the release worker is busy, or dead. */
export function ensureCheckSchedule(client: Client, settings: CheckSettings): Promise<void> {
  const input: CheckInput = { settings };
  return ensureSchedule(client, {
    id: CHECK_ID,
    everyMs: settings.everyMs,
    workflowType: WORKFLOWS.continuousCheck,
    taskQueue: TASK_QUEUES.control,
    input,
    summary: 'What runs, checked again',
  });
}
