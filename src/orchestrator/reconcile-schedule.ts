import type { Client } from '@temporalio/client';
import { RECONCILE_ID } from '../contract/ids';
import { WORKFLOWS, type ReconcileInput, type ReconcileSettings } from '../contract/messages';
import { TASK_QUEUES } from '../contract/queues';
import { ensureSchedule } from './ensure-schedule';

/** See ensureSchedule. */
export function ensureReconcileSchedule(
  client: Client,
  settings: ReconcileSettings,
): Promise<void> {
  const input: ReconcileInput = { settings };
  return ensureSchedule(client, {
    id: RECONCILE_ID,
    everyMs: settings.everyMs,
    workflowType: WORKFLOWS.reconcileRegistry,
    taskQueue: TASK_QUEUES.release,
    input,
    summary: 'Registry against its record',
  });
}
