import type { CaseClock } from '../src/contract/advisory-messages';
import { worseSeverity, worstOf } from '../src/domain/advisories/case';
import type { AffectedLook } from '../src/domain/advisories/case-close';
import { ruleOf } from '../src/domain/advisories/policy';
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

export async function lookAtCase(
  deps: AdvisoryCaseDeps,
  advisory: string,
): Promise<LookedCase | null> {
  const { advisoryCases: cases } = deps;
  const row = await cases.read(advisory);
  if (!row) return null;
  const { closedAt, resolution } = row;
  const clock = clockOf(row);
  if (closedAt !== null) {
    return { clock, closedAt, resolution, look: NOWHERE };
  }
  await dropGone(deps, row);
  return { clock, closedAt, resolution, look: await lookAround(deps, advisory) };
}

async function lookAround(deps: AdvisoryCaseDeps, advisory: string): Promise<AffectedLook> {
  const hits = await deps.advisoryCases.hitsOf(advisory);
  if (hits.length === 0) return NOWHERE;
  const digests = [...new Set(hits.map(({ digest }) => digest))];
  const services = [...new Set(hits.map(({ svc }) => svc))];
  const { hits: affected, more, unknown } = await findWorkloads(deps, digests, services);
  return { affected, more, unknown };
}
