import {
  createAdvisoryWatchActivities,
  type MatchSliceInput,
} from '../../activities/advisory-watch';
import type { ScanPolicy } from '../../src/domain/policy';
import type { AdvisoryDatabase } from '../../src/ports/advisory-database';
import type { Scanner } from '../../src/ports/scanner';
import { runActivity } from '../support/activity-env';
import { createFakeDeps } from '../support/fake-deps';
import type { OpenStores } from '../support/registry-stores';

/** Of one database. */
export interface MatchParts {
  readonly scanner: Scanner;
  readonly stores: OpenStores;
  readonly openAdvisoryDatabase: () => Promise<AdvisoryDatabase>;
}

interface Matched {
  readonly seconds: number;
  readonly looked: number;
  readonly matched: number;
  readonly appeared: number;
  /** Advisories and digests in channels. */
  readonly hits: number;
}

const SCAN: ScanPolicy = {
  ...{ databaseMaxAgeMs: 86_400_000, critical: 0, high: 0 },
  ...{ medium: 'exception', unknown: 'fail' },
};
const PACKAGES = 5000;

/** The activities of the watch, as its workflow runs them, up to what a case is told. */
export async function matchAll(
  { scanner, stores, openAdvisoryDatabase }: MatchParts,
  signal: AbortSignal,
): Promise<Matched> {
  const { advisoryMatches, componentIndex } = stores;
  const parts = { scanner, openAdvisoryDatabase, advisoryMatches, componentIndex };
  const activities = createAdvisoryWatchActivities({ ...(await createFakeDeps()), ...parts });
  // Of the worker, which has asked its database before.
  await scanner.describeDatabase(signal);
  const startMs = performance.now();
  const counts = { looked: 0, matched: 0, appeared: 0 };
  let place: Pick<MatchSliceInput, 'after' | 'database'> = { after: null, database: null };
  do {
    signal.throwIfAborted();
    const slice = await runActivity(activities, 'matchAdvisories', {
      ...{ scan: SCAN, limit: PACKAGES },
      ...place,
    });
    counts.looked += slice.looked;
    counts.matched += slice.matched;
    counts.appeared += slice.appeared;
    place = { after: slice.next, database: slice.database.digest };
  } while (place.after !== null);
  const hits = await advisoryMatches.hits();
  return { seconds: (performance.now() - startMs) / 1000, ...counts, hits: hits.length };
}
