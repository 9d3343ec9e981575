import type { AdvisoryHit } from '../domain/advisories/case';

/** Cases as workflows. Throws ReleaseError ORCHESTRATOR_UNAVAILABLE. */
export interface AdvisoryCaseRuns {
  /** Tells the case of the advisory, which begins with it when there is none. The same hits told again change nothing. */
  noteHits(advisory: string, hits: readonly AdvisoryHit[]): Promise<void>;
}
