import type { AdvisoryHit } from '../../../src/domain/advisories/case';
import type { AdvisoryCaseRuns } from '../../../src/ports/advisory-case-runs';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeCaseRuns extends AdvisoryCaseRuns, CallFaults {
  /** What each advisory was told, in order. */
  readonly told: readonly { readonly advisory: string; readonly hits: readonly AdvisoryHit[] }[];
}

export function createFakeCaseRuns(): FakeCaseRuns {
  const told: { readonly advisory: string; readonly hits: readonly AdvisoryHit[] }[] = [];
  return withCallFaults({
    told,
    noteHits: (advisory: string, hits: readonly AdvisoryHit[]) => {
      told.push({ advisory, hits });
      return Promise.resolve();
    },
  });
}
