import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { WormRestoreInput, WormRestoreResult } from '../src/contract/worm-messages';
import { createWormProxies, publishWorm, WORM_SLICE } from './steps/worm-proxies';

/**
 * Puts a copy back into the registry, which may be an empty one: by digest, blobs and children first, then what is attached, and
 * tags when they are asked for. Started by the API, id `worm-restore/{id}`, one at a time for a copy; it takes no messages. The
 * copy stays. What the registry refuses fails the run.
 */
export async function wormRestoreWorkflow(input: WormRestoreInput): Promise<WormRestoreResult> {
  const { id, repository, tags, by, at } = input;
  const activities = createWormProxies();
  let from: number | null = input.state?.from ?? 0;
  while (from !== null) {
    publishWorm(null, `### ${id}\n\nPutting back, from content ${from}`);
    const slice = await activities.restoreWormSlice.executeWithOptions(
      { summary: `from content ${from}` },
      [{ id, repository, from, limit: WORM_SLICE }],
    );
    from = slice.next;
    if (from !== null && workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof wormRestoreWorkflow>({ ...input, state: { from } });
    }
  }
  const result = await activities.endWormRestore({ id, repository, tags });
  const details = { ...result };
  const entry = { at, actor: by, action: 'worm.restored', svc: '', subject: id, details };
  await activities.appendAudit({ entry, idempotencyKey: `worm.restored:${workflowInfo().runId}` });
  publishWorm('held', `### ${id}\n\nBack in ${result.repository}`);
  return result;
}
