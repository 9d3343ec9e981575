import type { Client } from '@temporalio/client';
import type { Deps } from '../../activities';
import type { Policy } from '../domain/policy';

/** Placeholder until the rollup and the watch are merged. */
export function createAdvising(
  _client: Client,
  _policy: Policy,
): Pick<Deps, 'emergencyRollups' | 'startAdvisoryWatch'> {
  return {
    emergencyRollups: { start: () => Promise.resolve(), find: () => Promise.resolve(null) },
    startAdvisoryWatch: () => Promise.resolve(false),
  };
}
