import type { Client } from '@temporalio/client';
import type { DrillInput, PreflightInput, PreflightSettings } from '../contract/drill-messages';
import { DRILL_ID, PREFLIGHT_ID } from '../contract/ids';
import { WORKFLOWS } from '../contract/messages';
import { TASK_QUEUES } from '../contract/queues';
import { ensureSchedule } from './ensure-schedule';

/** Throws what the Temporal client throws. */
export async function ensurePreflightSchedule(
  client: Client,
  settings: PreflightSettings,
): Promise<void> {
  const input: PreflightInput = { settings };
  await ensureSchedule(client, {
    id: PREFLIGHT_ID,
    everyMs: settings.everyMs,
    workflowType: WORKFLOWS.rollbackPreflight,
    taskQueue: TASK_QUEUES.control,
    input,
    summary: 'Could every service be rolled back now?',
  });
}

/** Throws what the Temporal client throws. */
export async function ensureDrillSchedule(client: Client, input: DrillInput): Promise<void> {
  await ensureSchedule(client, {
    id: DRILL_ID,
    everyMs: input.settings.everyMs,
    workflowType: WORKFLOWS.rollbackDrill,
    taskQueue: TASK_QUEUES.control,
    input,
    summary: 'Rollback drill',
  });
}
