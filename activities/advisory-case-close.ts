import type { AdvisoryCaseDeps, ClosedCase, CloseCaseInput } from './advisory-case';

/** A case always has a hit when it is opened: without one, all of it was taken back. */
export async function closeCase(
  { advisoryCases: cases }: AdvisoryCaseDeps,
  { advisory, at }: CloseCaseInput,
): Promise<ClosedCase> {
  const hits = await cases.hitsOf(advisory);
  const kind = hits.length === 0 ? 'withdrawn' : 'replaced';
  if (await cases.close(advisory, at, { kind })) return kind;
  // Said again after the answer was lost.
  const row = await cases.read(advisory);
  return row?.closedAt === at && row.resolution?.kind === kind ? kind : 'kept';
}
