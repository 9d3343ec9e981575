import type { Client } from '@temporalio/client';
import { RECONCILE_ID } from '../contract/ids';
import { MESSAGES, type ReconcileReport } from '../contract/messages';
import { createScheduledRuns, type ScheduledRuns } from './scheduled-runs';

/** The reconcile of the registry, as its Schedule runs it. */
export type Reconcile = ScheduledRuns<ReconcileReport>;

export function createReconcile(client: Client, deadlineMs: number): Reconcile {
  const query = MESSAGES.getReconcile;
  return createScheduledRuns({ client, deadlineMs, scheduleId: RECONCILE_ID, query });
}
