import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { WormExtendInput } from '../src/contract/worm-messages';
import { createWormProxies, publishWorm, WORM_SLICE } from './steps/worm-proxies';

/**
 * Locks every content of a copy for longer, then its manifest. Started by the API, id `worm-extend/{id}`, one at a time for a
 * copy; it takes no messages. A lock that is longer already stays.
 */
export async function wormExtendWorkflow(input: WormExtendInput): Promise<void> {
  const { id, until, by, at } = input;
  const activities = createWormProxies();
  let from: number | null = input.state?.from ?? 0;
  while (from !== null) {
    publishWorm(null, `### ${id}\n\nLocking until ${until}`);
    const slice = await activities.extendWormSlice.executeWithOptions(
      { summary: `from content ${from}` },
      [{ id, until, from, limit: WORM_SLICE }],
    );
    from = slice.next;
    if (from !== null && workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof wormExtendWorkflow>({ ...input, state: { from } });
    }
  }
  await activities.endWormExtend({ id, until, by, at });
  publishWorm('held', `### ${id}\n\nLocked until ${until}`);
}
