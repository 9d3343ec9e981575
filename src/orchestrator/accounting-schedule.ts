import type { Client } from '@temporalio/client';
import type { AccountingInput, AccountingSettings } from '../contract/accounting';
import { ACCOUNTING_ID } from '../contract/ids';
import { WORKFLOWS } from '../contract/messages';
import { TASK_QUEUES } from '../contract/queues';
import { ensureSchedule } from './ensure-schedule';

/** See ensureSchedule. */
export function ensureAccountingSchedule(
  client: Client,
  settings: AccountingSettings,
): Promise<void> {
  const input: AccountingInput = { settings };
  return ensureSchedule(client, {
    id: ACCOUNTING_ID,
    everyMs: settings.everyMs,
    workflowType: WORKFLOWS.accountStorage,
    taskQueue: TASK_QUEUES.release,
    input,
    summary: 'What is stored, counted',
    atOnce: true,
  });
}
