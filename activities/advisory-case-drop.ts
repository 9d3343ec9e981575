import type { DigestActs } from '../src/domain/advisories/case-action';
import { firstOf } from '../src/domain/advisories/case-alert';
import { goneDigests } from '../src/domain/advisories/case-hits';
import { distrustDatabase } from '../src/domain/scan-gate';
import type { RecordedCase } from '../src/ports/advisory-cases';
import type { MatchedDatabase } from '../src/ports/advisory-matches';
import type { AdvisoryCaseDeps } from './advisory-case';
import { ACTOR } from './advisory-case-blocks';
import { liftDigests } from './advisory-case-lift';

interface Gone {
  readonly database: MatchedDatabase;
  readonly dropped: readonly DigestActs[];
}

/** Null where the index takes nothing back, or goes by a database that scans would not be believed for. */
async function findGone(deps: AdvisoryCaseDeps, advisory: string): Promise<Gone | null> {
  const hit = await deps.advisoryCases.acts(advisory);
  if (hit.length === 0) return null;
  const digests = hit.map(({ digest }) => digest);
  const told = await deps.advisoryMatches.ratingsOf(advisory, digests);
  if (!told) return null;
  // No index is matched with one that does not know the canary.
  const database = { ...told.database, canaryFound: true };
  const now = deps.now().toISOString();
  if (distrustDatabase({ database, policy: deps.policy.scan, now }) !== null) return null;
  const gone = new Set(goneDigests(told.ratings));
  const dropped = hit.filter(({ digest }) => gone.has(digest));
  return dropped.length > 0 ? { database: told.database, dropped } : null;
}

function describe({ database, dropped }: Gone, lifted: number): string {
  const list = firstOf(dropped.map(({ digest }) => digest));
  return `Not hit any more, or not as Critical or High, by the database of ${database.updatedAt}: ${list}. ${lifted} of them are free of its blocks.`;
}

/**
 * Lets go what newer databases say that the advisory does not hit, or as Medium at most: it is free of what the case did to it. What
 * can't be told stays as it is. A death half-way is made up for by the next look.
 */
export async function dropGone(
  deps: AdvisoryCaseDeps,
  { advisory, openedAt }: Pick<RecordedCase, 'advisory' | 'openedAt'>,
): Promise<void> {
  const { advisoryCases: cases, now } = deps;
  const gone = await findGone(deps, advisory);
  if (!gone) return;
  const lifted = await liftDigests(deps, advisory, gone.dropped);
  const digests = gone.dropped.map(({ digest }) => digest);
  const key = `advisory/${advisory}/${openedAt}/gone/${gone.database.digest}/${digests[0] ?? ''}`;
  const event = { advisory, at: now().toISOString(), kind: 'hit', actor: ACTOR } as const;
  await cases.record(key, { ...event, text: describe(gone, lifted) });
  await cases.drop(advisory, digests);
}
