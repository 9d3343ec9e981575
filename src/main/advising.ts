import type { Client } from '@temporalio/client';
import type { Deps } from '../../activities';
import { ADVISORY_WATCH_ID } from '../contract/ids';
import { advisoryPolicyOf } from '../domain/advisories/policy';
import type { Policy } from '../domain/policy';
import { rollupSettingsOf } from '../domain/rollup/policy';
import { createAdvisoryAnswers } from '../orchestrator/advisory-cases';
import { createRollupRuns } from '../orchestrator/rollups';
import { createScheduledRuns } from '../orchestrator/scheduled-runs';
import type { Rollups } from '../ports/rollups';
import { createEmergencyRollups } from './emergency-rollups';

const CALL_TIMEOUT_MS = 10_000;

/** What advisories set going. */
export function createAdvising(
  client: Client,
  policy: Policy,
  kept: Pick<Rollups, 'get'>,
): Pick<Deps, 'advisoryCaseRuns' | 'emergencyRollups' | 'startAdvisoryWatch'> {
  const answers = createAdvisoryAnswers(client, CALL_TIMEOUT_MS);
  const rollups = createRollupRuns(client, CALL_TIMEOUT_MS);
  const watch = createScheduledRuns(client, CALL_TIMEOUT_MS, {
    scheduleId: ADVISORY_WATCH_ID,
    worker: 'release',
  });
  return {
    advisoryCaseRuns: {
      noteHits: (advisory, hits) =>
        answers.noteHits({ advisory, policy: advisoryPolicyOf(policy) }, hits),
    },
    emergencyRollups: createEmergencyRollups({
      start: (id, cause, only) =>
        rollups.start({ id, cause, only, settings: rollupSettingsOf(policy, 'emergency') }),
      // What has ended is kept for longer than Temporal answers for it.
      read: async (id) => (await rollups.get(id)) ?? kept.get(id),
    }),
    startAdvisoryWatch: async () => {
      const { started, running } = await watch.run();
      return started || running !== null;
    },
  };
}
