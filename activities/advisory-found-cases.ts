import { failureReason } from '../src/contract/error-reason';
import { foundCases, newsOf, type FoundCase } from '../src/domain/advisories/found-cases';
import type { AdvisoryHit } from '../src/domain/advisories/case';
import type { AdvisoryWatchDeps, NoteCasesResult } from './advisory-watch';
import { heartbeating } from './heartbeat';

/** What is left over is told by the next run. */
const MAX_CASES = 500;
const MAX_OPEN = 10_000;
const MAX_TOLD = 20;
const MAX_ERRORS = 5;

async function newsFor(
  { advisoryCases, now }: AdvisoryWatchDeps,
  found: FoundCase,
  isOpen: boolean,
): Promise<readonly AdvisoryHit[]> {
  const known = isOpen ? await advisoryCases.hitsOf(found.advisory) : [];
  const digests = found.hits.map(({ digest }) => digest);
  const at = now().toISOString();
  return newsOf(found, known, await advisoryCases.dismissed(found.advisory, digests, at));
}

/**
 * Goes by what is so now and not by what the run found: a run that died in between, or a digest that came to a channel since, is
 * no case less.
 */
export async function noteCases(deps: AdvisoryWatchDeps): Promise<NoteCasesResult> {
  return heartbeating(async (signal, note) => {
    const found = foundCases(await deps.advisoryMatches.hits());
    const cases = await deps.advisoryCases.list('open', MAX_OPEN);
    const open = new Set(cases.map(({ advisory }) => advisory));
    const told: string[] = [];
    const errors: string[] = [];
    for (const one of found) {
      signal.throwIfAborted();
      if (told.length === MAX_CASES) break;
      note(one.advisory);
      try {
        const news = await newsFor(deps, one, open.has(one.advisory));
        if (news.length === 0) continue;
        await deps.advisoryCaseRuns.noteHits(one.advisory, news);
        told.push(`${one.advisory}: ${news.length} digests`);
      } catch (error) {
        errors.push(`${one.advisory}: ${failureReason(error)}`);
      }
    }
    return {
      hitting: found.length,
      told: told.length,
      first: told.slice(0, MAX_TOLD),
      errors: errors.slice(0, MAX_ERRORS),
    };
  });
}
