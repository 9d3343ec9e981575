import { ReleaseError } from '../../../contract/errors';
import { GcRunView } from '../../../contract/schema/api-gc-run';
import type { HttpClient } from '../../http-client';

export const GC = '/v1/registry/gc';

function runPath(plan: string | undefined): string {
  const query = plan === undefined ? '' : `?${new URLSearchParams({ plan }).toString()}`;
  return `${GC}/run${query}`;
}

/** Of a plan, or of the one that runs or ran last. */
export function getRun(http: HttpClient, plan: string | undefined): Promise<GcRunView> {
  return http.get(runPath(plan), GcRunView);
}

/** The plan that is named, or the one that runs. */
export async function runningPlan(http: HttpClient, plan: string | undefined): Promise<string> {
  if (plan !== undefined) return plan;
  const run = await getRun(http, undefined);
  if (run.outcome === null) return run.planId;
  throw new ReleaseError('RUN_NOT_FOUND', 'No plan is being executed', {
    details: { remedy: `the last one was ${run.planId}: plura reg gc status` },
  });
}
