import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { LaneInput, ReleaseRequest } from '../src/contract/messages';
import { nextToStart, openLane } from '../src/domain/lane';
import { handleLaneMessages } from './steps/lane-messages';
import { createLaneRun, describeLane, type LaneRun } from './steps/lane-run';
import { startRelease } from './steps/lane-start';
import { SEARCH_KEYS } from './steps/search-keys';

/** History may grow this long while a release is under way; beyond it, the lane goes on in a new run anyway. */
const MAX_EVENTS = 20_000;

/**
 * The single writer of one service. Id `lane/{svc}`, on the control queue, started by the first release
 * (update-with-start) and open for ever: an idle lane costs nothing. Handlers (steps/lane-messages) change the state,
 * this loop starts releases one at a time; rollbacks start from their handler at once. Children are ABANDON, report by
 * signal and are watched besides. It continues as new between two releases. A cancellation changes nothing.
 */
export function laneWorkflow(input: LaneInput): Promise<void> {
  const lane = createLaneRun(input.state ?? openLane<ReleaseRequest>(input.svc));
  handleLaneMessages(lane);
  // A lane that ended would forget its queue; to stop it, hold it.
  return CancellationScope.nonCancellable(() => serve(lane, input));
}

async function serve(lane: LaneRun, input: LaneInput): Promise<void> {
  upsertSearchAttributes([
    { key: SEARCH_KEYS.service, value: input.svc },
    { key: SEARCH_KEYS.stage, value: 'lane' },
  ]);
  for (;;) {
    setCurrentDetails(describeLane(lane.state));
    const seen = lane.changes;
    if (mayContinueAsNew(lane)) {
      await condition(allHandlersFinished);
      await lane.saves;
      // A handler that ended just now may have brought work that this run should do first; one that began since is not cut off.
      if (mayContinueAsNew(lane) && allHandlersFinished()) {
        await continueAsNew<typeof laneWorkflow>({ svc: input.svc, state: lane.state });
      }
    }
    if (nextToStart(lane.state)) await startRelease(lane);
    else await condition(() => lane.changes !== seen || mayContinueAsNew(lane));
  }
}

/** Between two releases, so that a new run has nobody to watch; a very long history does not wait for that. */
function mayContinueAsNew({ state }: LaneRun): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  const idle = !state.running && state.rollback === null;
  return (
    (continueAsNewSuggested && idle) || (historyLength > MAX_EVENTS && state.rollback === null)
  );
}
