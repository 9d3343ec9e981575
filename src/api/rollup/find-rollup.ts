import { ReleaseError } from '../../contract/errors';
import type { RollupReport } from '../../domain/rollup/report';
import type { ApiDependencies } from '../dependencies';

type FindDeps = Pick<ApiDependencies, 'orchestrator' | 'rollups'>;

/** As it is now, or as it ended. @throws ReleaseError ROLLUP_NOT_FOUND */
export async function findRollup(deps: FindDeps, id: string): Promise<RollupReport> {
  const kept = await deps.rollups.get(id);
  if (kept && kept.endedAt !== null) return kept;
  const report = (await running(deps, id, kept !== null)) ?? kept;
  if (report) return report;
  throw new ReleaseError('ROLLUP_NOT_FOUND', `There is no rollup ${id}`, {
    details: { field: 'rollup', remedy: 'see what there is: plura reg rollup list' },
  });
}

/** What was kept last stands for one whose worker does not answer. */
async function running(
  { orchestrator }: FindDeps,
  id: string,
  isKept: boolean,
): Promise<RollupReport | null> {
  try {
    return await orchestrator.rollups.get(id);
  } catch (error) {
    if (isKept && error instanceof ReleaseError) return null;
    throw error;
  }
}
