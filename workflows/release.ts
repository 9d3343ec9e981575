import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
} from '@temporalio/workflow';
import { laneWorkflowId } from '../src/contract/ids';
import { MESSAGES, type ReleaseInput, type ReleaseResult } from '../src/contract/messages';
import { SYSTEM_ACTOR } from '../src/domain/actor';
import type { ReleaseOutcome } from '../src/domain/release';
import { outcomeOfFailure } from '../src/domain/release-status';
import { readAuthors, waitForApproval } from './steps/approval';
import { handleDecisions } from './steps/decisions';
import { describeFailure } from './steps/failure';
import { limitHistory } from './steps/history-budget';
import { attest, obtainImage, scan, sign, tag } from './steps/image';
import { pin, sealPin } from './steps/pin';
import { passCanary, passObservation } from './steps/promotion';
import { requireChanged, requireStillStable, tellRollup } from './steps/rebuild';
import { createReleaseRun, endRelease, type ReleaseRun } from './steps/release-run';
import { limitTime } from './steps/time-limit';
import { settleRecording } from './steps/unmeasured';

interface End {
  readonly outcome: ReleaseOutcome;
  readonly reason: string;
}

/**
 * One version of one service from source, or from a digest of CI, to prod:stable.
 * Id `release/{svc}/{semver}_{gitsha}`; a child of the lane, which gives the epoch. Messages: steps/decisions.
 * Ends released, or with everything it had moved taken back; bad news is a result, never a failed workflow.
 */
export async function releaseWorkflow(input: ReleaseInput): Promise<ReleaseResult> {
  const run = createReleaseRun(input);
  handleDecisions(run);
  limitTime(run);
  limitHistory(run);

  const end = await promote(run);
  if (end.outcome !== 'released') await run.compensations.run(end.reason);

  return CancellationScope.nonCancellable(() => close(run, end));
}

async function promote(run: ReleaseRun): Promise<End> {
  try {
    const done = await run.scope.run(async () => {
      await requireStillStable(run);
      const image = await obtainImage(run);
      const { digest } = image;
      await requireChanged(run, digest);
      const sbomDigest = await attest(run, image);
      await readAuthors(run, digest);
      await scan(run, digest, sbomDigest);
      await sign(run, digest, sbomDigest);
      await tag(run, digest);
      await passCanary(run, digest);
      const serving = await passObservation(run, digest);
      await waitForApproval(run);
      return pin(run, digest, serving);
    });
    await sealPin(run, done);
    return { outcome: 'released', reason: `${done.digest} is prod:stable` };
  } catch (error) {
    const end = classify(run, error);
    endRelease(run, { actor: SYSTEM_ACTOR, ...end });
    return end;
  } finally {
    // Stops the timer, and what still ran beside a step that failed.
    run.scope.cancel();
  }
}

function classify(run: ReleaseRun, error: unknown): End {
  // Who ended it says why, whatever the step made of its cancellation.
  if (run.ending) {
    const { outcome, reason, actor } = run.ending;
    return { outcome, reason: `${reason} (${actor.subject})` };
  }
  if (isCancellation(error)) return { outcome: 'aborted', reason: 'cancelled from Temporal' };
  const { code, message } = describeFailure(error);
  return { outcome: outcomeOfFailure(code), reason: `${code}: ${message}` };
}

/** The record is complete before the workflow ends; only then the lane starts the next one. */
async function close(run: ReleaseRun, { outcome, reason }: End): Promise<ReleaseResult> {
  const { progress, input } = run;
  await condition(allHandlersFinished);
  if (run.recording.length > 0) await settleRecording(run);
  try {
    await Promise.all([progress.finish(outcome, reason), audit(run, outcome, reason)]);
  } catch (error) {
    const { code, message } = describeFailure(error);
    await tellLane(run, outcome);
    await tellRollup(run, outcome);
    throw ApplicationFailure.nonRetryable(
      `The release ended as ${outcome}, but this could not be recorded: ${message}`,
      code,
    );
  }
  await tellLane(run, outcome);
  await tellRollup(run, outcome);
  const { digest } = progress.status();
  return { releaseId: input.releaseId, outcome, reason, ...(digest && { digest }) };
}

async function audit(run: ReleaseRun, outcome: ReleaseOutcome, reason: string): Promise<void> {
  const { input, decisions, progress } = run;
  const { workflowId } = progress.status();
  const common = { svc: input.service.svc, subject: input.releaseId };
  const entries = [
    ...decisions.map(({ at, actor, action, reason: why, via }) => ({
      ...common,
      at,
      actor,
      action,
      details: { reason: why, via },
    })),
    {
      ...common,
      at: new Date().toISOString(),
      actor: run.ending?.actor.subject ?? input.requestedBy.subject,
      action: `release.${outcome}`,
      details: { reason, digest: progress.status().digest ?? null },
    },
  ];
  await Promise.all(
    entries.map((entry, index) =>
      run.proxies.quick.appendAudit.executeWithOptions({ summary: `audit: ${entry.action}` }, [
        { entry, idempotencyKey: `${workflowId}/${input.epoch}/${index}` },
      ]),
    ),
  );
}

async function tellLane(run: ReleaseRun, outcome: ReleaseOutcome): Promise<void> {
  const { service, releaseId } = run.input;
  try {
    const lane = getExternalWorkflowHandle(laneWorkflowId(service.svc));
    await lane.signal(MESSAGES.releaseEnded, { releaseId, outcome });
  } catch {
    // Started without a lane, as in a drill: nobody waits for it. The lane also watches its children.
  }
}
