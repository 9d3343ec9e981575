import type { AbortRequest, ReleaseApproval, ReleaseOutcome, ReleaseStage } from './release';
import type { Actor, Role } from './actor';
import { findAuthor, personOf, type CommitAuthors } from './authors';
import type { ApprovalPolicy } from './policy';
import type { Verdict } from './verdict';

/** Who may approve a release. */
export interface ApproverRule {
  readonly requestedBy: string;
  readonly policy: Pick<ApprovalPolicy, 'roles' | 'authorMatch'>;
  /**
   * Of the commit. Null: not read yet, so nobody's approval counts. Without it the release is from before they were read: capitals
   * tell people apart, and no approval is too old.
   */
  readonly authors?: CommitAuthors | null;
}

/** All that says which approvals count. */
export interface ApprovalInput extends ApproverRule {
  readonly approvals: readonly ReleaseApproval[];
  readonly policy: ApprovalPolicy;
  /** ms since the epoch. */
  readonly nowMs: number;
}

/** What decides whether a decision on a release may be taken now. */
export interface DecisionContext extends ApprovalInput {
  readonly stage: ReleaseStage;
  readonly outcome: ReleaseOutcome | null;
  /** prod:stable points at the digest: from here on only a rollback undoes it. */
  readonly pinned: boolean;
  /** Set once it was told to end. */
  readonly ending: AbortRequest | null;
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

/** As people are told apart in this release. */
function nameIn({ policy, authors }: ApproverRule, subject: string): string {
  return authors === undefined ? subject : personOf(subject, policy.authorMatch);
}

/** Why somebody may not approve; `rule` names it. */
export interface ApproverRefusal {
  readonly rule: 'role' | 'approver differs from requester' | 'approver differs from commit author';
  readonly message: string;
}

/** Null: they may, as far as it is about them. */
export function refuseApprover(rule: ApproverRule, actor: Actor): ApproverRefusal | null {
  const { roles } = rule.policy;
  if (hasRole(actor, roles)) return refuseParty(rule, actor.subject);
  return { rule: 'role', message: `Approving takes one of the roles ${roles.join(', ')}.` };
}

/** Whoever asked for the release or wrote it. */
function refuseParty(rule: ApproverRule, subject: string): ApproverRefusal | null {
  if (nameIn(rule, subject) === nameIn(rule, rule.requestedBy)) {
    return {
      rule: 'approver differs from requester',
      message: 'Who asked for the release may not approve it.',
    };
  }
  const author = rule.authors && findAuthor(rule.authors, subject, rule.policy.authorMatch);
  if (!author) return null;
  return {
    rule: 'approver differs from commit author',
    message: `${author.who} wrote the commit (${author.from}) and may not approve it.`,
  };
}

/**
 * One of each person, the newest, that is not older than the policy lets it be, and of nobody who may not approve: whatever let an
 * approval in, and in whatever order, it does not count here.
 */
export function validApprovals(input: ApprovalInput): readonly ReleaseApproval[] {
  const { approvals, authors, nowMs } = input;
  if (authors === null) return [];
  const newest = new Map(approvals.map((approval) => [nameIn(input, approval.actor), approval]));
  if (authors === undefined) return [...newest.values()];
  const { validForMs = Infinity } = input.policy;
  return [...newest.values()].filter(
    ({ actor, at }) => nowMs - Date.parse(at) < validForMs && !refuseParty(input, actor),
  );
}

export function quorumReached(input: ApprovalInput): boolean {
  return validApprovals(input).length >= input.policy.quorum;
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
  if (context.authors === null) {
    return refuse('NOT_WAITING', 'Who wrote the commit is not known yet; approve in a moment.');
  }
  const refused = refuseApprover(context, actor);
  if (refused) return refuse('FORBIDDEN', refused.message);
  const valid = validApprovals(context);
  const name = nameIn(context, actor.subject);
  if (valid.some((approval) => nameIn(context, approval.actor) === name)) {
    return {
      accepted: true,
      changes: false,
      message: 'You have approved already; it counts once.',
    };
  }
  const missing = context.policy.quorum - valid.length - 1;
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

interface KnownApprovals extends ApprovalInput {
  readonly authors: CommitAuthors;
}

/** Nobody is known as the author, and the policy does not let that be. */
export function isAuthorRefused(policy: ApprovalPolicy, { known }: CommitAuthors): boolean {
  return !known && policy.unknownAuthor === 'refuse';
}

const UNKNOWN = 'neither provenance nor labels name the author of the commit';

function describeAuthorRule({ known }: CommitAuthors, policy: ApprovalPolicy): string {
  const choice = policy.unknownAuthor ?? 'allow';
  return known
    ? 'held: no approver is an author of the commit'
    : `not held: ${UNKNOWN} (approval.unknownAuthor: ${choice})`;
}

/** What the four eyes came to: who approved with what words, whose approval does not count, who wrote the commit. */
export function judgeApprovals(input: KnownApprovals): Verdict {
  const { approvals, policy, authors, nowMs } = input;
  const valid = validApprovals(input);
  const isRefused = isAuthorRefused(policy, authors);
  const isReached = valid.length >= policy.quorum;
  const at = new Date(nowMs).toISOString();
  return {
    gate: 'approval',
    subject: `quorum ${policy.quorum}`,
    outcome: isReached && !isRefused ? 'pass' : 'fail',
    reasons: [
      ...(isRefused ? [`${UNKNOWN}, and the policy asks for one (approval.unknownAuthor)`] : []),
      ...(isReached || isRefused ? [] : [`${valid.length} of ${policy.quorum} approvals by ${at}`]),
    ],
    evidence: {
      approvals: approvals.map((approval) => ({ ...approval, counts: valid.includes(approval) })),
      authors: authors.authors.map(({ who, from }) => ({ who, from })),
      authorRule: describeAuthorRule(authors, policy),
    },
  };
}
