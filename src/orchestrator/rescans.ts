import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  type Client,
} from '@temporalio/client';
import { RESCAN_ID, rescanWorkflowId } from '../contract/ids';
import { MESSAGES, WORKFLOWS, type RescanInput, type RescanReport } from '../contract/messages';
import { TASK_QUEUES } from '../contract/queues';
import { toReleaseError } from './errors';
import { createScheduledRuns, type ScheduledRuns, type RunStart } from './scheduled-runs';

/** Rescans, as their Schedule runs them, and of one service beside it. */
export interface Rescanning extends ScheduledRuns<RescanReport> {
  /** Scans a service or a digest of it now, due or not; at most one run a service is under way. */
  scanNow(input: Required<Pick<RescanInput, 'settings' | 'target'>>): Promise<RunStart>;
}

export function createRescanning(client: Client, deadlineMs: number): Rescanning {
  const runs = createScheduledRuns<RescanReport>(client, deadlineMs, {
    scheduleId: RESCAN_ID,
    query: MESSAGES.getRescan,
    worker: 'release',
  });
  return { ...runs, scanNow: (input) => scanNow(client, deadlineMs, input) };
}

async function scanNow(
  client: Client,
  deadlineMs: number,
  input: RescanInput & Required<Pick<RescanInput, 'target'>>,
): Promise<RunStart> {
  const { svc, digest } = input.target;
  const workflowId = rescanWorkflowId(svc);
  try {
    await client.withDeadline(Date.now() + deadlineMs, () =>
      client.workflow.start(WORKFLOWS.rescan, {
        workflowId,
        taskQueue: TASK_QUEUES.release,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        args: [input],
        staticSummary: `Scan ${svc}${digest === null ? '' : ` ${digest.slice(7, 19)}`} again`,
      }),
    );
    return { started: true, running: null };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) {
      throw toReleaseError(error, deadlineMs);
    }
    return { started: false, running: workflowId };
  }
}
