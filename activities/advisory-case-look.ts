import { judgeClose, type AffectedLook } from '../src/domain/advisories/case-close';
import type { AdvisoryCaseDeps, LookAtCaseInput, LookedCase } from './advisory-case';
import { dropGone } from './advisory-case-drop';
import { askIndex, type AskIndexInput } from './advisory-case-news';
import { clockOf } from './advisory-case-open';
import { findWorkloads } from './quarantine-hits';

const NOWHERE: AffectedLook = { affected: [], more: 0, unknown: [] };

async function lookAround(deps: AdvisoryCaseDeps, advisory: string): Promise<AffectedLook> {
  const hits = await deps.advisoryCases.hitsOf(advisory);
  if (hits.length === 0) return NOWHERE;
  const digests = [...new Set(hits.map(({ digest }) => digest))];
  const services = [...new Set(hits.map(({ svc }) => svc))];
  const { hits: affected, more, unknown } = await findWorkloads(deps, digests, services);
  return { affected, more, unknown };
}

type OpenLook = Pick<LookedCase, 'clock' | 'look'>;

/** Nothing that the case knows of is left: what the index knows besides, and what it can't tell. */
async function lookBeyond(
  deps: AdvisoryCaseDeps,
  input: AskIndexInput,
  signal: AbortSignal,
): Promise<OpenLook> {
  const { clock, unmatched, unknown } = await askIndex(deps, input, signal);
  const look = clock ? await lookAround(deps, input.row.advisory) : NOWHERE;
  return {
    clock: clock ?? clockOf(input.row),
    look: {
      ...look,
      unknown: [...new Set([...look.unknown, ...unknown])],
      ...(unmatched.length > 0 && { unmatched }),
    },
  };
}

export async function lookAtCase(
  deps: AdvisoryCaseDeps,
  { advisory, policy }: LookAtCaseInput,
  signal: AbortSignal,
): Promise<LookedCase | null> {
  const row = await deps.advisoryCases.read(advisory);
  if (!row) return null;
  const { closedAt, resolution } = row;
  const clock = clockOf(row);
  if (closedAt !== null) return { clock, closedAt, resolution, look: NOWHERE };
  await dropGone(deps, row);
  const look = await lookAround(deps, advisory);
  if (!judgeClose(look).clear) return { clock, closedAt, resolution, look };
  return { ...(await lookBeyond(deps, { row, policy }, signal)), closedAt, resolution };
}
