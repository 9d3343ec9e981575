import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { EdgeStateInput } from '../../activities/freezes';
import type { Digest } from '../../src/domain/digest';
import { channelName, type Channel } from '../../src/domain/reference';
import { writeBehind, type BehindEdge } from './edges';
import type { ReleaseRun } from './release-run';

type Way = 'to' | 'back' | 'clear';

async function move(
  run: ReleaseRun,
  channel: Channel,
  way: Way,
  expected: Digest | null,
  next: Digest | null,
  asked: { readonly edge?: EdgeStateInput } = {},
): Promise<string> {
  const { input } = run;
  const { workflowId, runId } = workflowInfo();
  const name = channelName(channel);
  const { changedAt } = await run.proxies.writes.moveChannel.executeWithOptions(
    { summary: next ? `${name} → ${next.slice(7, 19)}` : `${name} emptied` },
    [
      {
        svc: input.service.svc,
        name: input.service.name,
        channel,
        expected,
        next,
        epoch: input.epoch,
        actor: run.ending?.actor.subject ?? input.requestedBy.subject,
        reason:
          way === 'back'
            ? (run.ending?.reason ?? 'release taken back')
            : `release ${input.releaseId}`,
        releaseId: input.releaseId,
        idempotencyKey: `${workflowId}/${runId}/${name}/${way}`,
        ...asked,
      },
    ],
  );
  return changedAt;
}

function before(run: ReleaseRun, channel: Channel): Digest | null {
  return run.channels[channelName(channel)] ?? null;
}

/** Compensation of a channel this release moves, or may have begun to move. */
export function restoreChannelLater(run: ReleaseRun, channel: Channel, digest: Digest): void {
  const previous = before(run, channel);
  if (previous === digest) return;
  run.compensations.add(`${channelName(channel)} back`, async () => {
    // The move is told to stop and its running attempt may still write: what undoes it comes after.
    await run.moving.get(channelName(channel))?.catch(() => undefined);
    await move(run, channel, 'back', digest, previous);
    return previous ? `holds ${previous.slice(7, 19)} again` : 'empty again';
  });
}

/**
 * Returns when it moved. Told of an abort it is left at once, so that traffic goes back whatever the registry does; `restoreChannelLater`
 * waits for it.
 */
export function moveChannel(
  run: ReleaseRun,
  channel: Channel,
  digest: Digest,
  behind?: BehindEdge,
): Promise<string> {
  const previous = before(run, channel);
  if (!run.input.plan) return move(run, channel, 'to', previous, digest);
  return writeBehind(run, behind, (asked) => {
    const moving = move(run, channel, 'to', previous, digest, asked);
    run.moving.set(channelName(channel), moving);
    return Promise.race([moving, CancellationScope.current().cancelRequested]);
  });
}

export async function clearChannel(
  run: ReleaseRun,
  channel: Channel,
  digest: Digest,
): Promise<void> {
  await move(run, channel, 'clear', digest, null);
}
