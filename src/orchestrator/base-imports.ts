import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  type Client,
} from '@temporalio/client';
import {
  BASE_MESSAGES,
  BASE_WORKFLOWS,
  type BaseImportInput,
  type BaseImportReport,
} from '../contract/base-messages';
import { baseImportWorkflowId } from '../contract/ids';
import { TASK_QUEUES } from '../contract/queues';
import { isNotFound, toReleaseError } from './errors';
import type { RunStart } from './scheduled-runs';

/** The import of a family that was started last. */
export interface BaseImportState {
  readonly workflowId: string;
  readonly running: boolean;
  /** Null when no worker answers, and of one that was stopped. */
  readonly report: BaseImportReport | null;
}

/** Imports of bases, one at a time of a family. Throws ORCHESTRATOR_UNAVAILABLE. */
export interface BaseImports {
  start(input: BaseImportInput): Promise<RunStart>;
  /** Null when there was none, or it is forgotten. */
  state(family: string): Promise<BaseImportState | null>;
}

export function createBaseImports(client: Client, deadlineMs: number): BaseImports {
  const within = <Result>(call: () => Promise<Result>): Promise<Result> =>
    client.withDeadline(Date.now() + deadlineMs, call);
  const reportOf = (workflowId: string, running: boolean): Promise<BaseImportReport | null> => {
    const handle = client.workflow.getHandle(workflowId);
    return within(() =>
      running
        ? handle.query<BaseImportReport>(BASE_MESSAGES.getImport)
        : (handle.result() as Promise<BaseImportReport>),
    ).catch(() => null);
  };
  return {
    start: async (input) => {
      const workflowId = baseImportWorkflowId(input.family.name);
      try {
        await within(() =>
          client.workflow.start(BASE_WORKFLOWS.import, {
            workflowId,
            taskQueue: TASK_QUEUES.release,
            workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
            args: [input],
            staticSummary: `Import bases/${input.family.name}`,
          }),
        );
        return { started: true, running: null };
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) {
          throw toReleaseError(error, deadlineMs);
        }
        return { started: false, running: workflowId };
      }
    },
    state: async (family) => {
      const workflowId = baseImportWorkflowId(family);
      try {
        const { status } = await within(() => client.workflow.getHandle(workflowId).describe());
        const running = status.name === 'RUNNING';
        return { workflowId, running, report: await reportOf(workflowId, running) };
      } catch (error) {
        if (isNotFound(error)) return null;
        throw toReleaseError(error, deadlineMs);
      }
    },
  };
}
