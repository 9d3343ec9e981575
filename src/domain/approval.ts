import type { AbortRequest, ReleaseApproval, ReleaseOutcome, ReleaseStage } from './release';
import type { Actor, Role } from './actor';
import type { ApprovalPolicy } from './policy';

/** What decides whether a decision on a release may be taken now. */
export interface DecisionContext {
  readonly stage: ReleaseStage;
  readonly outcome: ReleaseOutcome | null;
  /** prod:stable points at the digest: from here on only a rollback undoes it. */
  readonly pinned: boolean;
  /** Set once it was told to end. */
  readonly ending: AbortRequest | null;
  readonly requestedBy: string;
  readonly approvals: readonly ReleaseApproval[];
  readonly policy: ApprovalPolicy;
}

export type Decision =
  | { readonly accepted: true; readonly changes: boolean; readonly message: string }
  | {
      readonly accepted: false;
      readonly code: 'ALREADY_ENDED' | 'NOT_WAITING' | 'FORBIDDEN';
      readonly message: string;
    };

const ABORT_ROLES: readonly Role[] = ['releaser', 'approver', 'operator', 'security', 'admin'];

function refuse(code: 'ALREADY_ENDED' | 'NOT_WAITING' | 'FORBIDDEN', message: string): Decision {
  return { accepted: false, code, message };
}

function hasRole(actor: Actor, roles: readonly Role[]): boolean {
  return actor.roles.some((role) => roles.includes(role));
}

function decideEnded(context: DecisionContext): Decision | null {
  if (context.outcome)
    return refuse('ALREADY_ENDED', `The release has ended as ${context.outcome}.`);
  if (context.pinned) {
    return refuse('ALREADY_ENDED', 'The digest is prod:stable already; to undo it, roll back.');
  }
  return null;
}

export function quorumReached(
  approvals: readonly ReleaseApproval[],
  policy: ApprovalPolicy,
): boolean {
  return new Set(approvals.map((approval) => approval.actor)).size >= policy.quorum;
}

/** One rule for the update and for the signal. */
export function decideApproval(context: DecisionContext, actor: Actor): Decision {
  const ended = decideEnded(context);
  if (ended) return ended;
  if (context.ending) return refuse('NOT_WAITING', 'The release is being taken back.');
  if (context.stage !== 'approval') {
    const late = context.approvals.length > 0;
    return refuse(
      'NOT_WAITING',
      late
        ? 'The release has its approvals already.'
        : `The release is at ${context.stage}; it takes approvals at approval only.`,
    );
  }
  if (!hasRole(actor, context.policy.roles)) {
    return refuse(
      'FORBIDDEN',
      `Approving takes one of the roles ${context.policy.roles.join(', ')}.`,
    );
  }
  if (actor.subject === context.requestedBy) {
    return refuse('FORBIDDEN', 'Who asked for the release may not approve it.');
  }
  if (context.approvals.some((approval) => approval.actor === actor.subject)) {
    return {
      accepted: true,
      changes: false,
      message: 'You have approved already; it counts once.',
    };
  }
  const missing = context.policy.quorum - context.approvals.length - 1;
  return {
    accepted: true,
    changes: true,
    message: missing > 0 ? `Approved; ${missing} more needed.` : 'Approved; the release goes on.',
  };
}

/** Valid in every state before the pin is complete. */
export function decideAbort(context: DecisionContext, actor: Actor): Decision {
  const ended = decideEnded(context);
  if (ended) return ended;
  if (!hasRole(actor, ABORT_ROLES)) {
    return refuse('FORBIDDEN', `Aborting takes one of the roles ${ABORT_ROLES.join(', ')}.`);
  }
  if (context.ending) {
    const by = context.ending.actor.subject;
    return { accepted: true, changes: false, message: `It is being taken back already, by ${by}.` };
  }
  return {
    accepted: true,
    changes: true,
    message: 'Aborting: everything is taken back in reverse.',
  };
}
