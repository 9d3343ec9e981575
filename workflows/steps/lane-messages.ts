import {
  ApplicationFailure,
  CancellationScope,
  defineQuery,
  defineSignal,
  defineUpdate,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  patched,
  setHandler,
  startChild,
} from '@temporalio/workflow';
import { releaseWorkflowId, rollbackWorkflowId } from '../../src/contract/ids';
import {
  MESSAGES,
  type AbortQueuedInput,
  type DecisionResult,
  type HoldRequest,
  type LaneStatus,
  type Preempt,
  type ReleaseEnded,
  type RequestRollbackInput,
  type RequestRollbackResult,
  type RollbackEnded,
  type RollbackInput,
  type SubmitReleaseInput,
  type SubmitReleaseResult,
} from '../../src/contract/messages';
import { SYSTEM_ACTOR } from '../../src/domain/actor';
import {
  beginRollback,
  decideSubmit,
  dropQueued,
  endRollback,
  endRunning,
} from '../../src/domain/lane';
import { rollbackWorkflow } from '../rollback';
import { change, saveDropped, saveWaiting, toLaneStatus, type LaneRun } from './lane-run';
import {
  isAbortQueued,
  isHoldRequest,
  isReleaseEnded,
  isRequestRollback,
  isRollbackEnded,
  isSubmitRelease,
  requireShape,
} from './message-guards';
import { refusedSender, TOKEN_IN_UPDATE, verifySender } from './sender';

export const submitReleaseUpdate = defineUpdate<SubmitReleaseResult, [SubmitReleaseInput]>(
  MESSAGES.submitRelease,
);
export const requestRollbackUpdate = defineUpdate<RequestRollbackResult, [RequestRollbackInput]>(
  MESSAGES.requestRollback,
);
export const abortQueuedUpdate = defineUpdate<DecisionResult, [AbortQueuedInput]>(
  MESSAGES.abortQueued,
);
export const holdLaneUpdate = defineUpdate<LaneStatus, [HoldRequest]>(MESSAGES.holdLane);
export const resumeLaneUpdate = defineUpdate<LaneStatus, [HoldRequest]>(MESSAGES.resumeLane);
export const releaseEndedSignal = defineSignal<[ReleaseEnded]>(MESSAGES.releaseEnded);
export const rollbackEndedSignal = defineSignal<[RollbackEnded]>(MESSAGES.rollbackEnded);
export const getLaneQuery = defineQuery<LaneStatus>(MESSAGES.getLane);

/** Called before the first await, so that no message is missed. */
export function handleLaneMessages(lane: LaneRun): void {
  setHandler(getLaneQuery, () => toLaneStatus(lane.state));
  setHandler(submitReleaseUpdate, (request) => submit(lane, request), {
    validator: (request: SubmitReleaseInput) => {
      validateSubmit(lane, request);
    },
  });
  setHandler(
    requestRollbackUpdate,
    (request) => CancellationScope.nonCancellable(() => requestRollback(lane, request)),
    {
      validator: (request: RequestRollbackInput) => {
        validateRollback(lane, request);
      },
    },
  );
  setHandler(abortQueuedUpdate, (input) => abortQueued(lane, input), {
    validator: (input: unknown) => {
      requireShape(input, isAbortQueued, '{releaseId, actor: {subject, roles}, reason, token}');
    },
  });
  setHandler(holdLaneUpdate, (request) => hold(lane, request), { validator: validateHold });
  setHandler(resumeLaneUpdate, () => hold(lane, null), { validator: validateHold });
  setHandler(releaseEndedSignal, (ended: unknown) => {
    if (!isReleaseEnded(ended) || lane.watched.has(ended.releaseId)) return;
    change(lane, endRunning(lane.state, ended.releaseId));
  });
  setHandler(rollbackEndedSignal, (ended: unknown) => {
    if (isRollbackEnded(ended)) endOfRollback(lane, ended);
  });
}

function validateHold(request: unknown): void {
  requireShape(request, isHoldRequest, '{actor: {subject, roles}, reason}');
}

function hold(lane: LaneRun, request: HoldRequest | null): LaneStatus {
  const at = new Date().toISOString();
  const held = request && { by: request.actor.subject, reason: request.reason, at };
  change(lane, { ...lane.state, hold: held });
  return toLaneStatus(lane.state);
}

function refuse(code: string, message: string): never {
  throw ApplicationFailure.nonRetryable(message, code);
}

function validateSubmit(lane: LaneRun, request: unknown): void {
  requireShape(request, isSubmitRelease, 'a release: {releaseId, service, requestedBy, policy, …}');
  if (request.service.svc !== lane.state.svc) {
    refuse('INVALID_INPUT', `This is the lane of ${lane.state.svc}, not of ${request.service.svc}`);
  }
  const decision = decideSubmit(lane.state, request);
  if (decision.kind === 'refused') refuse(decision.code, decision.message);
}

function submit(lane: LaneRun, request: SubmitReleaseInput): SubmitReleaseResult {
  const decision = decideSubmit(lane.state, request);
  if (decision.kind === 'refused') return refuse(decision.code, decision.message);
  if (decision.kind === 'known') return { place: decision.place, superseded: [] };
  change(lane, decision.state);
  if (decision.place > 1 || lane.state.rollback !== null) saveWaiting(lane, request);
  for (const dropped of decision.superseded) {
    saveDropped(lane, dropped, 'superseded', `superseded by ${request.releaseId}`);
  }
  const superseded = decision.superseded.map((dropped) => dropped.releaseId);
  return { place: decision.place, superseded };
}

async function abortQueued(lane: LaneRun, input: AbortQueuedInput): Promise<DecisionResult> {
  const { releaseId, reason, token } = input;
  let { actor } = input;
  if (patched(TOKEN_IN_UPDATE)) {
    const message = { action: 'abort', releaseId, token, via: 'update' } as const;
    const verified = await verifySender(lane.activities, message);
    if (!verified.valid) return refusedSender('abort', verified.reason);
    ({ actor } = verified);
  }
  const { state, dropped } = dropQueued(lane.state, releaseId);
  if (!dropped) {
    const message =
      lane.state.running?.releaseId === releaseId
        ? `${releaseId} runs already: abort the release itself`
        : `${releaseId} does not wait in this lane`;
    return { accepted: false, code: 'NOT_WAITING', message };
  }
  change(lane, state);
  saveDropped(lane, dropped, 'aborted', `${reason} (${actor.subject})`);
  return { accepted: true, message: `${releaseId} left the queue` };
}

function validateRollback(lane: LaneRun, request: unknown): void {
  requireShape(
    request,
    isRequestRollback,
    'a rollback: {service, target, actor, reason, policy, requestId, …}',
  );
  if (request.service.svc !== lane.state.svc) {
    refuse('INVALID_INPUT', `This is the lane of ${lane.state.svc}, not of ${request.service.svc}`);
  }
  if (lane.state.rollback !== null) {
    refuse('NOT_WAITING', `A rollback of ${lane.state.svc} is under way; wait for its end`);
  }
}

/** Starts at once, whatever runs. The queue starts nothing meanwhile. */
async function requestRollback(
  lane: LaneRun,
  { requestId, ...request }: RequestRollbackInput,
): Promise<RequestRollbackResult> {
  const { svc } = lane.state;
  change(lane, beginRollback(lane.state, 0));
  try {
    const { number } = await lane.activities.takeRollbackNumber.executeWithOptions(
      { summary: 'number of the rollback' },
      [{ svc, requestId }],
    );
    change(lane, beginRollback(lane.state, number));
    const running = lane.state.running?.releaseId;
    await startRollback(lane, { ...request, svc, number, ...(running && { running }) });
    return { workflowId: rollbackWorkflowId(svc, number), number };
  } catch (error) {
    change(lane, endRollback(lane.state, null));
    throw error;
  }
}

async function startRollback(lane: LaneRun, input: RollbackInput): Promise<void> {
  const { svc, number, actor, reason } = input;
  const child = await startChild(rollbackWorkflow, {
    workflowId: rollbackWorkflowId(svc, number),
    args: [input],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: `${svc}: rollback ${number} by ${actor.subject}`,
    staticDetails: reason,
  });
  void child
    .result()
    .then(({ held }) => ({ ok: true, held }))
    .catch(() => ({ ok: false, held: false }))
    .then((ended) => {
      endOfRollback(lane, { ...ended, number, reason });
    });
}

/** Told by signal and by the handle, whichever comes first; the second changes nothing. */
function endOfRollback(lane: LaneRun, { number, ok, held, reason }: RollbackEnded): void {
  if (lane.state.rollback !== number) return;
  const hold = {
    by: SYSTEM_ACTOR.subject,
    reason: `rollback ${number}: ${reason}`,
    at: new Date().toISOString(),
  };
  change(lane, endRollback(lane.state, held ? hold : null));
  const running = lane.state.running?.releaseId;
  // A release that was just being started when the rollback looked for it.
  if (ok && running) void preempt(running, { by: SYSTEM_ACTOR.subject, reason: hold.reason });
}

async function preempt(releaseId: string, order: Preempt): Promise<void> {
  try {
    const release = getExternalWorkflowHandle(releaseWorkflowId(releaseId));
    await CancellationScope.nonCancellable(() => release.signal(MESSAGES.preempt, order));
  } catch {
    // It has ended; its end is on its way here.
  }
}
