import { workflowInfo } from '@temporalio/workflow';
import type { ChannelDigests } from '../../activities/channel';
import type { RollbackInput } from '../../src/contract/messages';
import type { Environment } from '../../src/domain/reference';
import { readiness, type RollbackProxies } from './proxies';

/** What a release that was pre-empted has left; it is fenced and cannot take it back itself. */
export interface ClearAway {
  readonly rollback: RollbackInput;
  readonly proxies: RollbackProxies;
  readonly epoch: number;
}

export function readChannels({ rollback, proxies }: ClearAway): Promise<ChannelDigests> {
  return proxies.settle.readChannels.executeWithOptions({ summary: 'channels as they are' }, [
    { svc: rollback.svc },
  ]);
}

export async function withdraw(
  { rollback, proxies, epoch }: ClearAway,
  env: Environment,
): Promise<void> {
  await proxies.settle.withdrawCandidate.executeWithOptions({ summary: `${env}: candidate off` }, [
    { service: rollback.service, env, epoch },
  ]);
}

/** Traffic to what the channel names: the release may have been ended between the two. */
export async function followChannel(
  { rollback, proxies, epoch }: ClearAway,
  env: 'stg' | 'prod',
  channels: ChannelDigests,
): Promise<void> {
  const { service } = rollback;
  const digest = channels[`${env}:stable`];
  if (!digest) {
    await proxies.settle.clearStable.executeWithOptions({ summary: `${env}: nothing is stable` }, [
      { service, env, epoch },
    ]);
    return;
  }
  await proxies.starts.makeStable.executeWithOptions(
    { summary: `${env}: traffic to ${digest.slice(7, 19)}, as its channel says` },
    [{ service, env, epoch, digest, ...readiness(rollback.policy), former: 'stop' }],
  );
}

export async function clearCandidate(
  { rollback, proxies, epoch }: ClearAway,
  env: 'stg' | 'prod',
  channels: ChannelDigests,
): Promise<void> {
  const expected = channels[`${env}:candidate`];
  if (!expected) return;
  await proxies.settle.moveChannel.executeWithOptions({ summary: `${env}:candidate emptied` }, [
    {
      svc: rollback.svc,
      name: rollback.service.name,
      channel: { env, tag: 'candidate' },
      expected,
      next: null,
      epoch,
      actor: rollback.actor.subject,
      reason: `rollback: ${rollback.reason}`,
      idempotencyKey: `${workflowInfo().workflowId}/${env}:candidate`,
    },
  ]);
}
