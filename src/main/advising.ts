import type { Client } from '@temporalio/client';
import type { Deps } from '../../activities';
import { ReleaseError } from '../contract/errors';
import { ADVISORY_WATCH_ID } from '../contract/ids';
import { advisoryPolicyOf } from '../domain/advisories/policy';
import type { Policy } from '../domain/policy';
import { createAdvisoryAnswers } from '../orchestrator/advisory-cases';
import { createScheduledRuns } from '../orchestrator/scheduled-runs';
import { createEmergencyRollups } from './emergency-rollups';

const CALL_TIMEOUT_MS = 10_000;

/** What advisories set going. */
export function createAdvising(
  client: Client,
  policy: Policy,
): Pick<Deps, 'advisoryCaseRuns' | 'emergencyRollups' | 'startAdvisoryWatch'> {
  const answers = createAdvisoryAnswers(client, CALL_TIMEOUT_MS);
  const watch = createScheduledRuns(client, CALL_TIMEOUT_MS, {
    scheduleId: ADVISORY_WATCH_ID,
    worker: 'release',
  });
  return {
    advisoryCaseRuns: {
      noteHits: (advisory, hits) =>
        answers.noteHits({ advisory, policy: advisoryPolicyOf(policy) }, hits),
    },
    // Until the rollup is merged: a case shows that none was ordered, and what people have to do.
    emergencyRollups: createEmergencyRollups({
      start: () => Promise.reject(new ReleaseError('INTERNAL', 'This build has no rollups')),
      read: () => Promise.resolve(null),
    }),
    startAdvisoryWatch: async () => {
      const { started, running } = await watch.run();
      return started || running !== null;
    },
  };
}
