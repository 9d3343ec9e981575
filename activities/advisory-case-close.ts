import { ReleaseError } from '../src/contract/errors';
import type { RecordedCase } from '../src/ports/advisory-cases';
import type { AdvisoryCaseDeps, ClosedCase, CloseCaseInput } from './advisory-case';
import { askIndex } from './advisory-case-news';

/** Something affected came since it was looked at, or may have. */
async function isNeeded(
  deps: AdvisoryCaseDeps,
  { policy }: CloseCaseInput,
  row: RecordedCase,
  signal: AbortSignal,
): Promise<boolean> {
  const news = await askIndex(deps, { row, policy }, signal);
  return news.clock !== null || news.placed || news.unmatched.length + news.unknown.length > 0;
}

/** A case always has a hit when it is opened: without one, all of it was taken back. */
export async function closeCase(
  deps: AdvisoryCaseDeps,
  input: CloseCaseInput,
  signal: AbortSignal,
): Promise<ClosedCase> {
  const { advisoryCases: cases } = deps;
  const { advisory, at } = input;
  const row = await cases.read(advisory);
  if (row?.closedAt === null && (await isNeeded(deps, input, row, signal))) {
    // Workflows of before, which send no policy, take any answer for closed.
    if (!input.policy) throw new ReleaseError('GATE_FAILED', `${advisory} is not over yet`);
    return 'kept';
  }
  const hits = await cases.hitsOf(advisory);
  const kind = hits.length === 0 ? 'withdrawn' : 'replaced';
  if (await cases.close(advisory, at, { kind })) return kind;
  // Said again after the answer was lost.
  const after = await cases.read(advisory);
  return after?.closedAt === at && after.resolution?.kind === kind ? kind : 'kept';
}
