import { ReleaseError } from '../../../contract/errors';
import { GcPlanningView } from '../../../contract/schema/api-gc';
import type { CliContext } from '../../context';
import type { HttpClient } from '../../http-client';
import { GC, repoQuery } from './path';

const POLL_MS = 500;
/** Temporal needs a moment until what was started can be seen. */
const MAX_ABSENT_MS = 30_000;

/** Follows the plan that was just asked for, or was under way; its id. Throws when none was made, or on Ctrl-C. */
export async function waitForPlan(
  context: CliContext,
  http: HttpClient,
  repo: string | undefined,
): Promise<string> {
  const began = context.now();
  let told = '';
  for (;;) {
    const { planning } = await http.get(`${GC}/planning${repoQuery(repo)}`, GcPlanningView);
    const progress = planning?.progress ?? '';
    if (progress !== '' && progress !== told) {
      context.stderr.write(`… ${progress}\n`);
      told = progress;
    }
    const { plan = null, outcome = null, reason = null } = planning?.report ?? {};
    if (planning && !planning.running && outcome !== null) {
      if (plan) return plan.id;
      throw notPlanned(reason);
    }
    const isGone = planning ? !planning.running && !planning.report : true;
    if (isGone && context.now() - began > MAX_ABSENT_MS) throw notPlanned(null);
    await context.sleep(POLL_MS, context.signal);
  }
}

function notPlanned(reason: string | null): ReleaseError {
  const why = reason ?? 'nothing is known of it, it may have been stopped';
  return new ReleaseError('ORCHESTRATOR_UNAVAILABLE', `No plan was made: ${why}`, {
    details: { remedy: 'check that the release worker, Postgres and the targets run; try again' },
  });
}
