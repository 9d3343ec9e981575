import { ReleaseError } from '../../../contract/errors';
import { GcRunQuery, GcRunView } from '../../../contract/schema/api-gc-run';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

/** Among so many newest plans the one that runs or ran last is found. */
const LOOKED_AT = 100;

export async function newestRun({ gcPlans }: Pick<ApiDependencies, 'gcPlans'>): Promise<string> {
  const plans = await gcPlans.listPlans({ limit: LOOKED_AT });
  const run =
    plans.find(({ state }) => state === 'running') ?? plans.find(({ runId }) => runId !== null);
  if (run) return run.id;
  throw new ReleaseError('RUN_NOT_FOUND', 'No plan was ever executed', {
    details: { remedy: 'make one: plura reg gc' },
  });
}

export function registerGetGcRun(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/gc/run',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'How far the execution of a plan is, or how it ended',
        querystring: GcRunQuery,
        response: answers({ 200: GcRunView }),
      },
    },
    async (request) => {
      const planId = request.query.plan ?? (await newestRun(deps));
      return (await deps.orchestrator.gcRuns.getRun(planId)) ?? recordedRun(deps, planId);
    },
  );
}

/** Temporal keeps runs for a while, the record for good. */
async function recordedRun({ gcPlans }: ApiDependencies, planId: string): Promise<GcRunView> {
  const plan = await gcPlans.getPlan(planId);
  if (!plan || plan.startedAt === null) {
    throw new ReleaseError('RUN_NOT_FOUND', `${planId} was never executed`, {
      details: { field: 'plan', remedy: 'see what there is: plura reg gc plans' },
    });
  }
  const { deleteTags, deleteManifests } = plan.totals;
  const items = deleteTags + deleteManifests;
  return {
    planId,
    startedAt: plan.startedAt,
    endedAt: plan.endedAt,
    outcome: plan.state === 'done' || plan.state === 'stopped' ? plan.state : null,
    ...{ reason: null, paused: false, counts: plan.settled },
    ...{ items, next: items, skips: {}, errors: [] },
  };
}
