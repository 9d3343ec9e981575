import { ReleaseError } from '../../contract/errors';
import type { DecisionResult } from '../../contract/messages';
import type { DecisionAnswer } from '../../contract/schema/api-release';
import type { Actor } from '../../domain/actor';
import type { ReleaseStatus } from '../../domain/release';
import { isAllowed, requirePermission } from '../identity/permissions';

/** A decision that was not taken is an error to whoever asked for it. */
export function toDecisionAnswer(releaseId: string, result: DecisionResult): DecisionAnswer {
  if (result.accepted) return { releaseId, accepted: true, message: result.message };
  throw new ReleaseError(result.code, result.message, {
    details: { remedy: `see its state: plura reg status ${releaseId}` },
  });
}

/** Operators abort any release, a releaser their own. */
export function requireAbortRight(actor: Actor, release: ReleaseStatus): void {
  if (release.requestedBy === actor.subject && isAllowed(actor, 'abortOwn')) return;
  requirePermission(actor, 'abort');
}

/** The approver is not the requester; the workflow holds it too, but a signal can't answer. */
export function requireApproveRight(actor: Actor, release: ReleaseStatus): void {
  requirePermission(actor, 'approve');
  if (release.requestedBy !== actor.subject) return;
  throw new ReleaseError('FORBIDDEN', `${actor.subject} asked for this release`, {
    details: { remedy: 'someone else has to approve it' },
  });
}

/** @throws ReleaseError ALREADY_ENDED */
export function requireOpen(release: ReleaseStatus): void {
  if (release.outcome === undefined) return;
  throw new ReleaseError(
    'ALREADY_ENDED',
    `${release.releaseId} has ended already: ${release.outcome}`,
    { details: { remedy: `see how: plura reg status ${release.releaseId}` } },
  );
}
