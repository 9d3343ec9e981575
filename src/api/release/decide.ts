import { ReleaseError } from '../../contract/errors';
import type { DecisionResult } from '../../contract/messages';
import type { DecisionAnswer } from '../../contract/schema/api-release';
import { ROLES, type Actor } from '../../domain/actor';
import { refuseApprover, type ApproverRule } from '../../domain/approval';
import type { ReleaseStatus } from '../../domain/release';
import type { ApiDependencies } from '../dependencies';
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

type RuleDeps = Pick<ApiDependencies, 'policy' | 'policyHash'>;

/** By the policy that the release goes by; of another one that is not known here only what every policy says. */
function ruleOf({ policy, policyHash }: RuleDeps, release: ReleaseStatus): ApproverRule {
  const { requestedBy, authors = { authors: [], known: false } } = release;
  return release.policyHash === policyHash
    ? { requestedBy, authors, policy: policy.approval }
    : {
        requestedBy,
        authors: { authors: [], known: false },
        policy: { roles: ROLES, authorMatch: ['subject'] },
      };
}

/**
 * The same rule as the workflow's, on the same facts: a signal can't answer, so its token is not made. Throws FORBIDDEN with the
 * rule's name.
 */
export function requireApproveRight(deps: RuleDeps, actor: Actor, release: ReleaseStatus): void {
  requirePermission(actor, 'approve');
  const refused = refuseApprover(ruleOf(deps, release), actor);
  if (!refused) return;
  const { rule, message } = refused;
  const remedy = rule === 'role' ? 'ask someone who has it' : 'someone else has to approve it';
  throw new ReleaseError('FORBIDDEN', message, { details: { rule, remedy } });
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
