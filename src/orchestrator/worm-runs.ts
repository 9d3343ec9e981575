import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  type Client,
} from '@temporalio/client';
import { wormWorkflowId } from '../contract/ids';
import { WORKFLOWS } from '../contract/messages';
import { TASK_QUEUES } from '../contract/queues';
import type {
  WormExtendInput,
  WormHoldInput,
  WormRestoreInput,
  WormVerifyInput,
} from '../contract/worm-messages';
import { toReleaseError } from './errors';
import type { RunStart } from './scheduled-runs';

/** What is done with incident copies; one of each at a time for a copy. Throws ORCHESTRATOR_UNAVAILABLE. */
export interface WormRuns {
  hold(input: WormHoldInput): Promise<RunStart>;
  verify(input: WormVerifyInput): Promise<RunStart>;
  extend(input: WormExtendInput): Promise<RunStart>;
  restore(input: WormRestoreInput): Promise<RunStart>;
}

interface Order {
  readonly type: string;
  readonly workflowId: string;
  readonly summary: string;
  readonly input: unknown;
}

export function createWormRuns(client: Client, deadlineMs: number): WormRuns {
  const start = async ({ type, workflowId, summary, input }: Order): Promise<RunStart> => {
    try {
      await client.withDeadline(Date.now() + deadlineMs, () =>
        client.workflow.start(type, {
          workflowId,
          taskQueue: TASK_QUEUES.release,
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
          args: [input],
          staticSummary: summary,
        }),
      );
      return { started: true, running: null };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) {
        throw toReleaseError(error, deadlineMs);
      }
      return { started: false, running: workflowId };
    }
  };
  return {
    hold: (input) => {
      const { id, digest } = input.order;
      const summary = `Incident copy of ${digest.slice(7, 19)}`;
      const workflowId = wormWorkflowId('hold', id);
      return start({ type: WORKFLOWS.wormHold, workflowId, summary, input });
    },
    verify: (input) =>
      start({
        type: WORKFLOWS.wormVerify,
        workflowId: wormWorkflowId('verify', input.id),
        summary: `Read incident copy ${input.id} back`,
        input,
      }),
    extend: (input) =>
      start({
        type: WORKFLOWS.wormExtend,
        workflowId: wormWorkflowId('extend', input.id),
        summary: `Lock incident copy ${input.id} until ${input.until}`,
        input,
      }),
    restore: (input) =>
      start({
        type: WORKFLOWS.wormRestore,
        workflowId: wormWorkflowId('restore', input.id),
        summary: `Put incident copy ${input.id} back`,
        input,
      }),
  };
}
