import { WorkflowIdConflictPolicy, type Client } from '@temporalio/client';
import { quarantineAlertWorkflowId } from '../contract/ids';
import { WORKFLOWS } from '../contract/messages';
import type { QuarantineAlertInput } from '../contract/quarantine-messages';
import { TASK_QUEUES } from '../contract/queues';
import { toReleaseError } from './errors';

export type AlertQuarantine = (input: QuarantineAlertInput) => Promise<void>;

/** Orders the alert; the same id is the same alert. Throws ORCHESTRATOR_UNAVAILABLE. */
export function createQuarantineAlerts(client: Client, deadlineMs: number): AlertQuarantine {
  return async (input) => {
    try {
      await client.withDeadline(Date.now() + deadlineMs, () =>
        client.workflow.start(WORKFLOWS.quarantineAlert, {
          workflowId: quarantineAlertWorkflowId(input.id),
          taskQueue: TASK_QUEUES.control,
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
          args: [input],
          staticSummary: `Tell of ${input.digests.length} quarantined digests`,
        }),
      );
    } catch (error) {
      throw toReleaseError(error, deadlineMs);
    }
  };
}
