import type { Client } from '@temporalio/client';
import { RECONCILE_ID } from '../contract/ids';
import { WORKFLOWS, type ReconcileInput, type ReconcileSettings } from '../contract/messages';
import { ensureSchedule } from './ensure-schedule';

/** Makes the Schedule that compares the registry with its record, or sets it to what the settings say. */
export async function ensureReconcileSchedule(
  client: Client,
  settings: ReconcileSettings,
): Promise<void> {
  await ensureSchedule<ReconcileInput>(client, {
    id: RECONCILE_ID,
    everyMs: settings.everyMs,
    workflow: WORKFLOWS.reconcileRegistry,
    taskQueue: 'release',
    input: { settings },
    summary: 'Registry against its record',
  });
}
