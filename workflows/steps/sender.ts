import { currentUpdateInfo, uuid4, type ActivityInterfaceFor } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { VerifyDecisionResult } from '../../activities/decision';
import type { DecisionResult } from '../../src/contract/messages';

/** Since 0.2.0 an update carries a token, as a signal always has. */
export const TOKEN_IN_UPDATE = 'decision-token-in-update';

interface DecisionMessage {
  readonly action: 'approve' | 'abort';
  readonly releaseId: string;
  readonly token: string | undefined;
  readonly via: 'update' | 'signal';
}

/**
 * Who sent a decision. A client that repeats its update, here or at the lane, repeats the same use of the
 * token; a signal sent twice is two uses.
 */
export function verifySender(
  activities: Pick<ActivityInterfaceFor<Activities>, 'verifyDecision'>,
  { action, releaseId, token, via }: DecisionMessage,
): Promise<VerifyDecisionResult> {
  const usedBy = currentUpdateInfo()?.id ?? uuid4();
  return activities.verifyDecision.executeWithOptions(
    { summary: `${action} by ${via}: who sent it` },
    [{ token: String(token), action, releaseId, usedBy }],
  );
}

export function refusedSender(action: string, reason: string): DecisionResult {
  const message = `Who wants to ${action} could not be told: ${reason}. Use the API, or the signal with a token`;
  return { accepted: false, code: 'UNAUTHENTICATED', message };
}
