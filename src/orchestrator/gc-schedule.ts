import type { Client } from '@temporalio/client';
import { GC_WORKFLOWS, type GcPlanInput } from '../contract/gc-messages';
import { GC_ID } from '../contract/ids';
import { TASK_QUEUES } from '../contract/queues';
import { SYSTEM_ACTOR } from '../domain/actor';
import { ensureSchedule } from './ensure-schedule';

/** See ensureSchedule. What its plans delete is for the policy to say: nothing by itself, by default. */
export function ensureGcSchedule(
  client: Client,
  everyMs: number,
  { policy, policyHash }: Pick<GcPlanInput, 'policy' | 'policyHash'>,
): Promise<void> {
  const input: GcPlanInput = {
    ...{ repository: null, requestedBy: SYSTEM_ACTOR.subject, then: 'run', by: 'schedule' },
    ...{ policy, policyHash },
  };
  return ensureSchedule(client, {
    id: GC_ID,
    everyMs,
    workflowType: GC_WORKFLOWS.plan,
    taskQueue: TASK_QUEUES.release,
    input,
    summary: 'What of the registry may go',
  });
}
