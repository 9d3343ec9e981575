import { ReleaseError } from '../../contract/errors';
import type { CaseView } from '../../contract/schema/api-advisory';
import { whyOpen } from '../../domain/advisories/case-alert';
import { isOverdue } from '../../domain/advisories/case-clock';
import { describePulls } from '../../domain/advisories/case-pulls';
import { advisoryPolicyOf } from '../../domain/advisories/policy';
import type { RecordedCase } from '../../ports/advisory-cases';
import type { ApiDependencies } from '../dependencies';

export function describeCase(one: RecordedCase, nowMs: number): CaseView {
  const open = one.closedAt === null;
  return {
    ...one,
    remainingMs: open ? Date.parse(one.dueAt) - nowMs : null,
    why: open ? whyOpen(one.look) : null,
    pulledUntil: open
      ? describePulls(one.look?.pulls, { ...one, overdue: isOverdue(one, nowMs) })
      : null,
  };
}

/** @throws ReleaseError CASE_NOT_FOUND */
export async function findCase(
  { advisoryCases }: Pick<ApiDependencies, 'advisoryCases'>,
  advisory: string,
): Promise<RecordedCase> {
  const found = await advisoryCases.read(advisory);
  if (found) return found;
  throw new ReleaseError('CASE_NOT_FOUND', `There is no case of ${advisory}`, {
    details: { field: 'id', remedy: 'see what is open: plura reg cve open --all' },
  });
}

export function caseClosed({ advisory, closedAt }: RecordedCase): ReleaseError {
  const at = closedAt ?? '';
  return new ReleaseError('CASE_CLOSED', `The case of ${advisory} was closed at ${at}`, {
    details: { remedy: `see how: plura reg cve timeline ${advisory}` },
  });
}

/** The case looks at its record at once; where Temporal is away, with its next look. */
export async function wakeCase(
  { orchestrator, policy }: Pick<ApiDependencies, 'orchestrator' | 'policy'>,
  advisory: string,
): Promise<void> {
  try {
    await orchestrator.advisories.wake({ advisory, policy: advisoryPolicyOf(policy) });
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'ORCHESTRATOR_UNAVAILABLE') return;
    throw error;
  }
}
