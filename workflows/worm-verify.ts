import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { WormVerifyInput, WormVerifyResult } from '../src/contract/worm-messages';
import { createWormProxies, publishWorm, WORM_SLICE } from './steps/worm-proxies';

const MAX_PROBLEMS = 100;

/**
 * Reads a copy back, all of it, and compares every hash and every lock with its manifest. Started by the API, id
 * `worm-verify/{id}`, one at a time for a copy; it takes no messages. What is damaged is recorded and alarmed.
 */
export async function wormVerifyWorkflow(input: WormVerifyInput): Promise<WormVerifyResult> {
  const { id } = input;
  const activities = createWormProxies();
  let from: number | null = input.state?.from ?? 0;
  let checked = from;
  let problems = input.state?.problems ?? [];
  while (from !== null) {
    publishWorm(null, `### ${id}\n\n${checked} read back, ${problems.length} problems`);
    const slice = await activities.verifyWormSlice.executeWithOptions(
      { summary: `from content ${from}` },
      [{ id, from, limit: WORM_SLICE }],
    );
    checked += slice.checked;
    problems = [...problems, ...slice.problems].slice(0, MAX_PROBLEMS);
    from = slice.next;
    if (from !== null && workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof wormVerifyWorkflow>({ id, state: { from, problems } });
    }
  }
  await activities.endWormVerify({ id, problems });
  publishWorm(problems.length > 0 ? 'damaged' : 'held', `### ${id}\n\n${checked} read back`);
  if (problems.length > 0) {
    await activities.notify({
      id: `worm/${id}/damaged/${workflowInfo().runId}`,
      severity: 'critical',
      title: 'An incident copy is damaged',
      text: `${id}: ${problems.slice(0, 5).join(' ')} See plura reg hold show ${id}.`,
      svc: '',
    });
  }
  return { checked, problems };
}
