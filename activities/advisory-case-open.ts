import type { CaseClock } from '../src/contract/advisory-messages';
import { worseSeverity, worstOf } from '../src/domain/advisories/case';
import { ruleOf } from '../src/domain/advisories/policy';
import type { RecordedCase } from '../src/ports/advisory-cases';
import type { AdvisoryCaseDeps, OpenCaseInput, OpenedCase } from './advisory-case';

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

export function clockOf({ severity, openedAt, dueAt }: RecordedCase): CaseClock {
  return { severity, openedAt, dueAt };
}
