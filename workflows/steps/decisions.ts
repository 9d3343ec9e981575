import {
  ApplicationFailure,
  defineQuery,
  defineSignal,
  defineUpdate,
  patched,
  setHandler,
} from '@temporalio/workflow';
import {
  MESSAGES,
  type DecisionInput,
  type DecisionResult,
  type DecisionSignal,
  type Preempt,
} from '../../src/contract/messages';
import type { Actor } from '../../src/domain/actor';
import {
  decideAbort,
  decideApproval,
  type Decision,
  type DecisionContext,
} from '../../src/domain/approval';
import type { ReleaseApproval, ReleaseStatus } from '../../src/domain/release';
import { approvalsOf } from './approval';
import { describeFailure } from './failure';
import { isDecisionInput, isPreempt, requireShape } from './message-guards';
import { nowIso } from './progress';
import { endRelease, type ReleaseRun } from './release-run';
import { refusedSender, TOKEN_IN_UPDATE, verifySender } from './sender';

export const approveUpdate = defineUpdate<DecisionResult, [DecisionInput]>(MESSAGES.approve);
export const abortUpdate = defineUpdate<DecisionResult, [DecisionInput]>(MESSAGES.abort);
export const approveSignal = defineSignal<[DecisionSignal]>(MESSAGES.approve);
export const abortSignal = defineSignal<[DecisionSignal]>(MESSAGES.abort);
export const preemptSignal = defineSignal<[Preempt]>(MESSAGES.preempt);
export const getStatusQuery = defineQuery<ReleaseStatus>(MESSAGES.getStatus);

type Action = 'approve' | 'abort';
type Via = 'api' | 'signal';

function contextOf(run: ReleaseRun): DecisionContext {
  const { stage, outcome = null } = run.progress.status();
  return { ...approvalsOf(run), stage, outcome, pinned: run.pinned, ending: run.ending };
}

function decide(run: ReleaseRun, action: Action, actor: Actor): Decision {
  const context = contextOf(run);
  return action === 'approve' ? decideApproval(context, actor) : decideAbort(context, actor);
}

function apply(run: ReleaseRun, action: Action, actor: Actor, reason: string, via: Via): Decision {
  const decision = decide(run, action, actor);
  if (!decision.accepted || !decision.changes) return decision;
  const at = nowIso();
  run.decisions.push({ at, actor: actor.subject, action, reason, via });
  if (action === 'approve')
    run.progress.approve(approvalOf(run, { actor: actor.subject, at, via }, reason));
  else endRelease(run, { actor, reason, outcome: 'aborted' });
  return decision;
}

/** What the approver said is kept where approvals are judged with it. */
function approvalOf(
  { authors }: ReleaseRun,
  approval: ReleaseApproval,
  comment: string,
): ReleaseApproval {
  return authors && comment !== '' ? { ...approval, comment } : approval;
}

function validate(run: ReleaseRun, action: Action, input: unknown): void {
  requireShape(
    input,
    isDecisionInput,
    '{actor: {subject, roles}, reason, token}; from Web UI send the signal with a token instead',
  );
  const decision = decide(run, action, input.actor);
  if (!decision.accepted) throw ApplicationFailure.nonRetryable(decision.message, decision.code);
}

function toResult(decision: Decision): DecisionResult {
  return decision.accepted
    ? { accepted: true, message: decision.message }
    : { accepted: false, code: decision.code, message: decision.message };
}

async function decideByUpdate(
  run: ReleaseRun,
  action: Action,
  input: DecisionInput,
): Promise<DecisionResult> {
  let { actor } = input;
  if (patched(TOKEN_IN_UPDATE)) {
    const { releaseId } = run.input;
    const message = { action, releaseId, token: input.token, via: 'update' } as const;
    const verified = await verifySender(run.proxies.quick, message);
    if (!verified.valid) return refusedSender(action, verified.reason);
    ({ actor } = verified);
  }
  return toResult(apply(run, action, actor, input.reason, 'api'));
}

/** A signal can't be answered: what was wrong with it is shown in the status. */
async function decideBySignal(run: ReleaseRun, action: Action, signal: unknown): Promise<void> {
  const { token, reason } = (signal ?? {}) as Partial<DecisionSignal>;
  const { releaseId } = run.input;
  try {
    const message = { action, releaseId, token: String(token), via: 'signal' } as const;
    const verified = await verifySender(run.proxies.quick, message);
    if (!verified.valid) {
      run.progress.note(`A signal to ${action} was ignored: ${verified.reason}.`);
      return;
    }
    const why = typeof reason === 'string' ? reason : 'from Temporal Web UI';
    const decision = apply(run, action, verified.actor, why, 'signal');
    if (!decision.accepted)
      run.progress.note(`A signal to ${action} was refused: ${decision.message}`);
  } catch (error) {
    run.progress.note(
      `A signal to ${action} could not be checked: ${describeFailure(error).message}`,
    );
  }
}

/** Anyone could have sent it: a rollback has taken the next epoch before it sends its own. */
async function preemptBySignal(run: ReleaseRun, order: unknown): Promise<void> {
  if (!isPreempt(order)) {
    run.progress.note('A signal to preempt was ignored: it holds no {by, reason}.');
    return;
  }
  const { service, epoch } = run.input;
  try {
    const newest = await run.proxies.quick.readEpoch.executeWithOptions(
      { summary: 'preempted: by a newer epoch?' },
      [{ svc: service.svc }],
    );
    if (newest <= epoch) {
      run.progress.note('A signal to preempt was ignored: no rollback has taken the service.');
      return;
    }
    const { by, reason } = order;
    endRelease(run, { actor: { subject: by, roles: [] }, reason, outcome: 'preempted' });
  } catch (error) {
    // Fenced it is all the same: its next write says so.
    run.progress.note(
      `A signal to preempt could not be checked: ${describeFailure(error).message}`,
    );
  }
}

/** Called before the first await, so that no message is missed. */
export function handleDecisions(run: ReleaseRun): void {
  setHandler(getStatusQuery, () => run.progress.status());
  setHandler(approveUpdate, (input: DecisionInput) => decideByUpdate(run, 'approve', input), {
    validator: (input: DecisionInput) => {
      validate(run, 'approve', input);
    },
  });
  setHandler(abortUpdate, (input: DecisionInput) => decideByUpdate(run, 'abort', input), {
    validator: (input: DecisionInput) => {
      validate(run, 'abort', input);
    },
  });
  setHandler(approveSignal, (signal) => decideBySignal(run, 'approve', signal), {
    description: '{"token": "…"} as `plura reg token approve` prints it',
  });
  setHandler(abortSignal, (signal) => decideBySignal(run, 'abort', signal), {
    description: '{"token": "…"} as `plura reg token abort` prints it',
  });
  setHandler(preemptSignal, (order) => preemptBySignal(run, order), {
    description: 'sent by a rollback; ignored unless one has taken the service',
  });
}
