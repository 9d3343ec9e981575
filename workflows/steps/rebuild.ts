import { getExternalWorkflowHandle } from '@temporalio/workflow';
import { ROLLUP_MESSAGES } from '../../src/contract/rollup-messages';
import { SYSTEM_ACTOR } from '../../src/domain/actor';
import { shortDigest, type Digest } from '../../src/domain/digest';
import type { ReleaseOutcome } from '../../src/domain/release';
import { endRelease, throwIfEnding, type ReleaseRun } from './release-run';

/**
 * A rebuild renews what is stable, and nothing else: were another release stable by now, it would put an older version over it. Only this
 * release or a rollback can change that while it has the lane.
 */
export async function requireStillStable(run: ReleaseRun): Promise<void> {
  const { rebuild, service } = run.input;
  if (!rebuild) return;
  const channels = await run.proxies.quick.readChannels.executeWithOptions(
    { summary: `${shortDigest(rebuild.digest)} still stable?` },
    [{ svc: service.svc }],
  );
  if (channels['prod:stable'] === rebuild.digest) return;
  end(run, 'superseded', `prod:stable is no longer ${rebuild.digest}, which it was to renew`);
}

/** Its files and how it is run are those of what is stable: there is nothing to release. */
export async function requireChanged(run: ReleaseRun, digest: Digest): Promise<void> {
  const { rebuild, service } = run.input;
  if (!rebuild) return;
  const { same } = await run.proxies.quick.compareRebuild.executeWithOptions(
    { summary: `another content than ${shortDigest(rebuild.digest)}?` },
    [{ service, digest, of: rebuild.digest }],
  );
  if (same) end(run, 'unchanged', `${digest} has the content of ${rebuild.digest}`);
}

function end(run: ReleaseRun, outcome: ReleaseOutcome, reason: string): void {
  endRelease(run, { actor: SYSTEM_ACTOR, outcome, reason });
  throwIfEnding(run);
}

/** Spares the rollup its next look; it finds out by itself, too. */
export async function tellRollup(run: ReleaseRun, outcome: ReleaseOutcome): Promise<void> {
  const { rebuild, releaseId } = run.input;
  if (!rebuild) return;
  try {
    const rollup = getExternalWorkflowHandle(rebuild.rollup);
    await rollup.signal(ROLLUP_MESSAGES.rebuildEnded, { releaseId, outcome });
  } catch {
    // It has ended: nobody waits for it.
  }
}
