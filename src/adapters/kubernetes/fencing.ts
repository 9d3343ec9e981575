import { ReleaseError } from '../../contract/errors';
import type { RolloutWrite } from '../../ports/rollout';
import { failed, unavailable } from './kube-errors';
import { ANNOTATIONS } from './names';
import type { Meta } from './schema';

/**
 * Forward gives traffic to a candidate: it stops at what somebody else changed. Back takes it away or settles it, which must
 * not wait for anybody: it puts right what is ours and says so.
 */
export type Direction = 'forward' | 'back';

export function epochOf({ annotations }: Meta): number {
  const text = annotations[ANNOTATIONS.epoch] ?? '0';
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

export function refuseIfFenced({ svc, env, epoch }: RolloutWrite, newest: number): void {
  if (epoch < newest) {
    throw new ReleaseError('FENCED', `epoch ${epoch} of ${svc} in ${env} is older than ${newest}`, {
      details: { epoch: newest, remedy: 'A newer writer owns the service; stop here.' },
    });
  }
}

export function refuseDrift(drift: string): ReleaseError {
  return failed(
    `not what was released: ${drift}`,
    'Put it back, or withdraw the candidate or roll back: both put it right.',
    { drift: [drift] },
  );
}

const MAX_RACES = 10;

/**
 * Compare-and-set on the resourceVersion. Controllers write the status of the same object, so losing a race is ordinary and
 * the next look decides; `attempt` gives null when it lost.
 */
export async function compareAndSet<T>(what: string, attempt: () => Promise<T | null>): Promise<T> {
  for (let races = 0; races < MAX_RACES; races += 1) {
    const done = await attempt();
    if (done !== null) {
      return done;
    }
  }
  throw unavailable(`${what} changed each time before it could be written`, undefined, {
    remedy: 'See who else writes it: kubectl get --show-managed-fields.',
  });
}
