import type { CaseClock } from '../src/contract/advisory-messages';
import { worseSeverity, worstOf, type AdvisoryHit } from '../src/domain/advisories/case';
import { judgeClose, type AffectedLook } from '../src/domain/advisories/case-close';
import { newsOf } from '../src/domain/advisories/found-cases';
import { advisoryPolicyOf, ruleOf } from '../src/domain/advisories/policy';
import type { RecordedCase } from '../src/ports/advisory-cases';
import type { AdvisoryCaseDeps, LookedCase, OpenCaseInput, OpenedCase } from './advisory-case';
import { dropGone } from './advisory-case-drop';
import { findWorkloads } from './quarantine-hits';

/** A case is opened for what is in a channel or runs; to one that is open all is added. */
export async function openCase(
  { advisoryCases: cases, now }: AdvisoryCaseDeps,
  { advisory, hits, policy }: OpenCaseInput,
): Promise<OpenedCase> {
  const openedAt = now().toISOString();
  const digests = [...new Set(hits.map(({ digest }) => digest))];
  const dismissed = new Set(await cases.dismissed(advisory, digests, openedAt));
  const left = hits.filter(({ digest }) => !dismissed.has(digest));
  const held = await cases.read(advisory);
  const open = held?.closedAt === null ? held : null;
  const inUse = left.some(({ channels, running }) => channels.length > 0 || running.length > 0);
  if (left.length === 0 || (!open && !inUse)) {
    return { clock: open && clockOf(open), dismissed: hits.length - left.length };
  }
  const severity = worstOf(left);
  // Found to be worse it has the time that is due to that from now on: else it could be over before anybody heard of it.
  const isKnown = open && worseSeverity(open.severity, severity) === open.severity;
  const startMs = Date.parse(isKnown ? open.openedAt : openedAt);
  const dueAt = new Date(startMs + ruleOf(policy, severity).dueMs).toISOString();
  const one = { advisory, severity, openedAt, dueAt, closedAt: null };
  const row = await cases.open(one, left);
  return { clock: clockOf(row), dismissed: hits.length - left.length };
}

function clockOf({ severity, openedAt, dueAt }: RecordedCase): CaseClock {
  return { severity, openedAt, dueAt };
}

const NOWHERE: AffectedLook = { affected: [], more: 0, unknown: [] };

/** Services of which it is told that they were not matched. */
const MAX_UNMATCHED = 5;

export async function lookAtCase(
  deps: AdvisoryCaseDeps,
  advisory: string,
): Promise<LookedCase | null> {
  const row = await deps.advisoryCases.read(advisory);
  if (!row) return null;
  if (row.closedAt !== null) return looked(row, NOWHERE);
  await dropGone(deps, row);
  const hits = await deps.advisoryCases.hitsOf(advisory);
  const look = await lookAround(deps, hits);
  if (!judgeClose(look).clear) return looked(row, look);
  const grown = await takeSuccessors(deps, advisory, hits);
  if (grown)
    return looked(grown, await lookAround(deps, await deps.advisoryCases.hitsOf(advisory)));
  return looked(row, { ...look, ...(await findUnmatched(deps, hits)) });
}

function looked(row: RecordedCase, look: AffectedLook): LookedCase {
  const { closedAt, resolution } = row;
  return { clock: clockOf(row), closedAt, resolution, look };
}

/**
 * What took the place of all that was hit may be hit as well: then it is this case's, with its clock, and no new one's. Null when
 * nothing is.
 */
async function takeSuccessors(
  deps: AdvisoryCaseDeps,
  advisory: string,
  known: readonly AdvisoryHit[],
): Promise<RecordedCase | null> {
  const { advisoryCases: cases, advisoryMatches: matches } = deps;
  const found = await matches.hits(advisory);
  const digests = found.map(({ digest }) => digest);
  const dismissed = await cases.dismissed(advisory, digests, deps.now().toISOString());
  const hits = newsOf({ hits: found }, known, dismissed);
  if (hits.length === 0) return null;
  await openCase(deps, { advisory, hits, policy: advisoryPolicyOf(deps.policy) });
  return cases.read(advisory);
}

/** Of the services that were hit: what others have is no part of this case until it is found. */
async function findUnmatched(
  { advisoryMatches: matches }: AdvisoryCaseDeps,
  hits: readonly AdvisoryHit[],
): Promise<Pick<AffectedLook, 'unmatched'>> {
  const services = [...new Set(hits.map(({ svc }) => svc))];
  const places = await matches.unmatched(services, MAX_UNMATCHED);
  if (places.length === 0) return {};
  return { unmatched: places.map(({ svc, where, digest }) => `${svc} ${where}: ${digest}`) };
}

async function lookAround(
  deps: AdvisoryCaseDeps,
  hits: readonly AdvisoryHit[],
): Promise<AffectedLook> {
  if (hits.length === 0) return NOWHERE;
  const digests = [...new Set(hits.map(({ digest }) => digest))];
  const services = [...new Set(hits.map(({ svc }) => svc))];
  const { hits: affected, more, unknown } = await findWorkloads(deps, digests, services);
  return { affected, more, unknown };
}
