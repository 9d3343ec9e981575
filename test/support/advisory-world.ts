import type { WorkflowClient, WorkflowHandleWithSignaledRunId } from '@temporalio/client';
import {
  ADVISORY_MESSAGES,
  ADVISORY_WORKFLOWS,
  type AdvisoryCaseInput,
} from '../../src/contract/advisory-messages';
import { advisoryCaseWorkflowId } from '../../src/contract/ids';
import { TASK_QUEUES } from '../../src/contract/queues';
import type { AdvisoryHit } from '../../src/domain/advisories/case';
import { advisoryPolicyOf, type AdvisoryPolicy } from '../../src/domain/advisories/policy';
import type { Digest } from '../../src/domain/digest';
import type { Ledger } from '../../src/ports/ledger';
import type { Rollout } from '../../src/ports/rollout';
import { pin } from './contracts/allow-list';

/** Looks again at once, with times as short as a test takes. */
export function quickPolicy(over: Partial<AdvisoryPolicy> = {}): AdvisoryPolicy {
  return { ...advisoryPolicyOf({}), recheckMs: 100, ...over };
}

/** `prod:stable` of the service shop, by channel and on its target. */
export async function runInProd(
  { ledger, rollout }: { readonly ledger: Ledger; readonly rollout: Rollout },
  digest: Digest,
  at: string,
): Promise<void> {
  await pin(ledger, digest, at);
  const image = { repository: 'apps/shop/web', digest };
  const write = { svc: 'shop', env: 'prod', epoch: 1 } as const;
  await rollout.makeStable(write, image, '/healthz', 1_000);
}

/** As the watch of the component index does. */
export async function noteHits(
  client: WorkflowClient,
  input: AdvisoryCaseInput,
  hits: readonly AdvisoryHit[],
): Promise<WorkflowHandleWithSignaledRunId> {
  return client.signalWithStart(ADVISORY_WORKFLOWS.answer, {
    workflowId: advisoryCaseWorkflowId(input.advisory),
    taskQueue: TASK_QUEUES.control,
    args: [input],
    signal: ADVISORY_MESSAGES.noteHits,
    signalArgs: [hits],
  });
}
