import {
  CancellationScope,
  ContinueAsNew,
  continueAsNew,
  isCancellation,
  workflowInfo,
  type ActivityInterfaceFor,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { WormHoldInput, WormHoldResult } from '../src/contract/worm-messages';
import { attempt } from './steps/attempt';
import { describeFailure } from './steps/failure';
import { createWormProxies, publishWorm, WORM_SLICE } from './steps/worm-proxies';

/**
 * Copies a digest with all that belongs to it into the WORM store, content by content, reads each back, and seals the copy with a
 * manifest of hashes. The digest is held in the registry first. Started by the API, id `worm-hold/{id}`, on the release queue; it
 * takes no messages and continues as new where its history grows long. What can't be done is recorded, alarmed and its result.
 */
export async function wormHoldWorkflow(input: WormHoldInput): Promise<WormHoldResult> {
  const activities = createWormProxies();
  const { id, digest } = input.order;
  try {
    await copyAll(activities, input);
    const { objects, bytes } = await activities.sealWormCopy.executeWithOptions(
      { summary: 'evidence and manifest' },
      [{ id }],
    );
    publishWorm('held', `### ${digest}\n\n${objects} contents, ${bytes} bytes, held`);
    return { state: 'held', objects, bytes };
  } catch (error) {
    // The next run goes on with it.
    if (error instanceof ContinueAsNew) throw error;
    const problem = isCancellation(error) ? 'It was cancelled.' : describeFailure(error).message;
    await CancellationScope.nonCancellable(() => giveUp(activities, input, problem));
    publishWorm('failed', `### ${digest}\n\n${problem}`);
    if (isCancellation(error)) throw error;
    return { state: 'failed', problem };
  }
}

async function copyAll(
  activities: ActivityInterfaceFor<Activities>,
  { order }: WormHoldInput,
): Promise<void> {
  const { id, digest } = order;
  publishWorm(null, `### ${digest}\n\nLooking at what belongs to it`);
  const { objects, bytes } = await activities.openWormCopy.executeWithOptions(
    { summary: `hold ${digest.slice(7, 19)} and list what belongs to it` },
    [{ order }],
  );
  for (;;) {
    const { left } = await activities.copyWormObjects.executeWithOptions(
      { summary: `copy of ${objects} contents` },
      [{ id, limit: WORM_SLICE }],
    );
    publishWorm(null, `### ${digest}\n\n${objects} contents, ${bytes} bytes; ${left} to copy`);
    if (left === 0) return;
    // What is copied is on record: a new run goes on with the rest.
    if (workflowInfo().continueAsNewSuggested) await continueAsNew({ order });
  }
}

/** On record and told, each whatever becomes of the other. */
async function giveUp(
  activities: ActivityInterfaceFor<Activities>,
  { order }: WormHoldInput,
  problem: string,
): Promise<void> {
  const { id, digest, repository, reason } = order;
  await attempt(() => activities.giveUpWormCopy({ order, problem }));
  await attempt(() =>
    activities.notify({
      id: `worm/${id}/failed`,
      severity: 'critical',
      title: 'An incident copy could not be made',
      text: `${repository}@${digest} (${reason}): ${problem} It is held in the registry.`,
      svc: '',
    }),
  );
}
