import {
  ParentClosePolicy,
  startChild,
  workflowInfo,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { releaseWorkflowId } from '../../src/contract/ids';
import type { ReleaseRequest } from '../../src/contract/messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import { endRunning, nextToStart, startNext } from '../../src/domain/lane';
import { releaseWorkflow } from '../release';
import { change, type LaneRun } from './lane-run';

/** Takes the head of the queue, fences everything older, and starts it. */
export async function startRelease(lane: LaneRun): Promise<void> {
  const request = nextToStart(lane.state);
  if (!request) return;
  const { releaseId } = request;
  change(lane, startNext(lane.state));
  lane.savedAs.delete(releaseId);
  await lane.saves;
  const admission = await lane.activities.admitRelease.executeWithOptions(
    { summary: `next epoch for ${releaseId}` },
    [{ svc: lane.state.svc, releaseId, startKey: startKey(lane) }],
  );
  if (!admission.admitted) {
    change(lane, endRunning(lane.state, releaseId));
    return;
  }
  change(lane, { ...lane.state, epoch: admission.epoch });
  const child = await start(request, admission.epoch);
  if (child) void watch(lane, releaseId, child);
}

/** Unique for each start, the same for each retry of it, across continue-as-new. */
function startKey(lane: LaneRun): string {
  return `${workflowInfo().firstExecutionRunId}/${lane.state.started}`;
}

async function start(
  request: ReleaseRequest,
  epoch: number,
): Promise<ChildWorkflowHandle<typeof releaseWorkflow> | null> {
  const { svc } = request.service;
  try {
    return await startChild(releaseWorkflow, {
      workflowId: releaseWorkflowId(request.releaseId),
      taskQueue: TASK_QUEUES.release,
      args: [{ ...request, epoch }],
      // The lane continues as new while a release runs on.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${svc} ${request.version}, asked for by ${request.requestedBy.subject}`,
      staticDetails: `Release \`${request.releaseId}\` at policy \`${request.policyHash}\`.`,
    });
  } catch (error) {
    // It runs already, started by somebody else: it reports to this lane as any other does.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

/** Closed, not just about to: its id is free again, and a release that was terminated is noticed too. */
async function watch(
  lane: LaneRun,
  releaseId: string,
  child: ChildWorkflowHandle<typeof releaseWorkflow>,
): Promise<void> {
  lane.watched.add(releaseId);
  try {
    await child.result();
  } catch {
    // However it ended, it is over; its record says why.
  }
  lane.watched.delete(releaseId);
  change(lane, endRunning(lane.state, releaseId));
}
