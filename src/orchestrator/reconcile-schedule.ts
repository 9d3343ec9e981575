import type { Client } from '@temporalio/client';
import { RECONCILE_ID } from '../contract/ids';
import { WORKFLOWS, type ReconcileInput, type ReconcileSettings } from '../contract/messages';
import { TASK_QUEUES } from '../contract/queues';
import { ensureSchedule } from './ensure-schedule';

/** Throws what the Temporal client throws. */
export async function ensureReconcileSchedule(
  client: Client,
  settings: ReconcileSettings,
): Promise<void> {
  await ensureSchedule<ReconcileInput>(client, {
    id: RECONCILE_ID,
    everyMs: settings.everyMs,
    workflowType: WORKFLOWS.reconcileRegistry,
    taskQueue: TASK_QUEUES.release,
    input: { settings },
    summary: 'Registry against its record',
  });
}
