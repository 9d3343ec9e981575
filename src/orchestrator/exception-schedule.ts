import type { Client } from '@temporalio/client';
import type { ExceptionExpiryInput, ExceptionExpirySettings } from '../contract/exception-messages';
import { EXCEPTION_EXPIRY_ID } from '../contract/ids';
import { WORKFLOWS } from '../contract/messages';
import { TASK_QUEUES } from '../contract/queues';
import { ensureSchedule } from './ensure-schedule';

/** See ensureSchedule. On the control queue: builds and scans must not hold it up. */
export function ensureExceptionSchedule(
  client: Client,
  everyMs: number,
  settings: ExceptionExpirySettings,
): Promise<void> {
  const input: ExceptionExpiryInput = { settings };
  return ensureSchedule(client, {
    id: EXCEPTION_EXPIRY_ID,
    everyMs,
    workflowType: WORKFLOWS.exceptionExpiry,
    taskQueue: TASK_QUEUES.control,
    input,
    summary: 'Exceptions that end',
  });
}
