import type { ActivityInterfaceFor } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import { rollbackWorkflowId } from '../../src/contract/ids';
import type { RollbackInput } from '../../src/contract/messages';
import type { Digest } from '../../src/domain/digest';

/** The bad digest, the used revert key, the audit. The same again is fine. */
export function rememberRollback(
  { svc, number, target, reason, actor, requestedAt, drill }: RollbackInput,
  activities: ActivityInterfaceFor<Activities>,
  { from, to, at }: { readonly from: Digest; readonly to: Digest; readonly at: string },
): Promise<void> {
  return activities.rememberRollback.executeWithOptions({ summary: 'bad digest, audit' }, [
    {
      svc,
      from,
      to,
      reason,
      actor: actor.subject,
      workflowId: rollbackWorkflowId(svc, number),
      keyId: target.kind === 'revert-key' ? target.keyId : null,
      at,
      requestedAt,
      ...(drill && { drill }),
    },
  ]);
}
