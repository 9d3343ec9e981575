import type { Client } from '@temporalio/client';
import type { Deps } from '../../activities';
import type { Policy } from '../domain/policy';

/** What answers advisories, beside the case itself. */
export function createAdvising(
  _client: Client,
  _policy: Policy,
): Pick<Deps, 'emergencyRollups' | 'startAdvisoryWatch'> {
  return {
    emergencyRollups: { start: () => Promise.resolve(), find: () => Promise.resolve(null) },
    startAdvisoryWatch: () => Promise.resolve(false),
  };
}
