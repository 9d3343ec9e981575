import type { AbortRequest, ReleaseApproval, ReleaseOutcome, ReleaseStage } from './release';
import type { Actor, Role } from './actor';
import { findAuthor, type CommitAuthors } from './authors';
import type { ApprovalPolicy } from './policy';
import type { Verdict } from './verdict';

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
  /** Of the commit; without it nobody was asked for them. */
  readonly authors?: CommitAuthors;
  /** ms since the epoch; without it no approval is too old. */
  readonly nowMs?: number;
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

/** One of each person, the newest, that is not older than the policy lets it be. */
export function validApprovals(
  approvals: readonly ReleaseApproval[],
  { validForMs = Infinity }: ApprovalPolicy,
  nowMs = -Infinity,
): readonly ReleaseApproval[] {
  const newest = new Map(approvals.map((approval) => [approval.actor, approval]));
  return [...newest.values()].filter(({ at }) => nowMs - Date.parse(at) < validForMs);
}

export function quorumReached(
  approvals: readonly ReleaseApproval[],
  policy: ApprovalPolicy,
  nowMs?: number,
): boolean {
  return validApprovals(approvals, policy, nowMs).length >= policy.quorum;
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
  const { policy } = context;
  if (!hasRole(actor, policy.roles)) {
    return refuse('FORBIDDEN', `Approving takes one of the roles ${policy.roles.join(', ')}.`);
  }
  if (actor.subject === context.requestedBy) {
    return refuse('FORBIDDEN', 'Who asked for the release may not approve it.');
  }
  const author = context.authors && findAuthor(context.authors, actor.subject, policy.authorMatch);
  if (author) {
    return refuse(
      'FORBIDDEN',
      `${author.who} wrote the commit (${author.from}) and may not approve it.`,
    );
  }
  const valid = validApprovals(context.approvals, policy, context.nowMs);
  if (valid.some((approval) => approval.actor === actor.subject)) {
    return {
      accepted: true,
      changes: false,
      message: 'You have approved already; it counts once.',
    };
  }
  const missing = policy.quorum - valid.length - 1;
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

interface ApprovalInput {
  readonly approvals: readonly ReleaseApproval[];
  readonly policy: ApprovalPolicy;
  readonly authors: CommitAuthors;
  /** ms since the epoch. */
  readonly nowMs: number;
}

/** What the four eyes came to: who approved with what words, whose approval was too old, who wrote the commit. */
export function judgeApprovals({ approvals, policy, authors, nowMs }: ApprovalInput): Verdict {
  const valid = validApprovals(approvals, policy, nowMs);
  const reached = valid.length >= policy.quorum;
  const at = new Date(nowMs).toISOString();
  return {
    gate: 'approval',
    subject: `quorum ${policy.quorum}`,
    outcome: reached ? 'pass' : 'fail',
    reasons: reached ? [] : [`${valid.length} of ${policy.quorum} approvals by ${at}`],
    evidence: {
      approvals: approvals.map((approval) => ({ ...approval, counts: valid.includes(approval) })),
      authors: authors.authors.map(({ who, from }) => ({ who, from })),
      authorRule: authors.known
        ? 'held: no approver is an author of the commit'
        : 'not held: neither provenance nor labels name the author of the commit',
    },
  };
}
