import type { CaseClock } from '../src/contract/advisory-messages';
import type { AdvisoryHit } from '../src/domain/advisories/case';
import { firstOf } from '../src/domain/advisories/case-alert';
import { newsOf } from '../src/domain/advisories/found-cases';
import { advisoryPolicyOf, type AdvisoryPolicy } from '../src/domain/advisories/policy';
import type { RecordedCase } from '../src/ports/advisory-cases';
import type { AdvisoryCaseDeps } from './advisory-case';
import { ACTOR } from './advisory-case-blocks';
import { openCase } from './advisory-case-open';
import { recordRunning } from './advisory-running';

const MAX_UNMATCHED = 20;

/** What the component index knows and the case does not. */
export interface IndexNews {
  /** Of the case, when hits came to it by this; else null. */
  readonly clock: CaseClock | null;
  /** Something that is hit is in a channel now, whether the case knew of it or not. */
  readonly placed: boolean;
  /** What is in use and may be hit by anything, and what could not be asked; a sentence each. */
  readonly unmatched: readonly string[];
  readonly unknown: readonly string[];
}

const NO_NEWS: IndexNews = { clock: null, placed: false, unmatched: [], unknown: [] };

export interface AskIndexInput {
  readonly row: RecordedCase;
  /** Absent from older workflows: that of now. */
  readonly policy: AdvisoryPolicy | undefined;
}

async function recordNews(
  { advisoryCases: cases, now }: AdvisoryCaseDeps,
  { advisory, openedAt }: RecordedCase,
  news: readonly AdvisoryHit[],
): Promise<void> {
  const [first] = news;
  if (!first) return;
  const list = firstOf(news.map((hit) => `${hit.svc} ${hit.digest}`));
  const { svc, digest, severity } = first;
  const key = `advisory/${advisory}/${openedAt}/news/${svc}/${digest}/${severity}`;
  const text = `Hit as well, found before it was closed: ${list}.`;
  await cases.record(key, { advisory, at: now().toISOString(), kind: 'hit', text, actor: ACTOR });
}

/**
 * Asked before an open case is closed, since it looks for the digests only that it knows: takes what the advisory hits besides, such
 * as a successor that came since the last watch, into the case; its clock goes on.
 */
export async function askIndex(
  deps: AdvisoryCaseDeps,
  { row, policy }: AskIndexInput,
  signal: AbortSignal,
): Promise<IndexNews> {
  const { advisoryCases: cases, advisoryMatches: matches, now } = deps;
  const { advisory } = row;
  const known = await cases.hitsOf(advisory);
  const at = now().toISOString();
  // Nothing is left of one that was taken back: no target that does not answer has to hold it open.
  const { errors: unknown } =
    known.length > 0 ? await recordRunning(deps, at, signal) : { errors: [] };
  // Targets take their time: what a person ended meanwhile is over, and the watch opens the next one.
  const current = await cases.read(advisory);
  if (current?.closedAt !== null || current.openedAt !== row.openedAt) return NO_NEWS;
  const found = await matches.hits(advisory);
  const digests = [...new Set(found.map(({ digest }) => digest))];
  const dismissed = await cases.dismissed(advisory, digests, at);
  const news = newsOf({ hits: found }, known, dismissed);
  await recordNews(deps, row, news);
  const opened =
    news.length === 0
      ? null
      : await openCase(deps, {
          ...{ advisory, hits: news },
          policy: policy ?? advisoryPolicyOf(deps.policy),
        });
  return {
    clock: opened?.clock ?? null,
    placed: found.some((hit) => hit.channels.length > 0 && !dismissed.includes(hit.digest)),
    unmatched: await findUnmatched(deps, known),
    unknown,
  };
}

/** Of the services that were hit. What is under quarantine is not indexed before that is lifted, and nobody can use it until then. */
async function findUnmatched(
  { advisoryMatches: matches, quarantine }: AdvisoryCaseDeps,
  known: readonly AdvisoryHit[],
): Promise<readonly string[]> {
  const services = [...new Set(known.map(({ svc }) => svc))];
  if (services.length === 0) return [];
  const places = await matches.unmatched(services, MAX_UNMATCHED);
  const held = await Promise.all(places.map(({ digest }) => quarantine.get(digest)));
  return places
    .filter((_, index) => held[index] === null)
    .map(({ svc, where, digest }) => `${svc} ${where}: ${digest}`);
}
