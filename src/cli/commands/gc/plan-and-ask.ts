import { ERRORS, ReleaseError } from '../../../contract/errors';
import { GcPlanDetail, GcStarted } from '../../../contract/schema/api-gc';
import type { Cli } from '../../cli';
import type { HttpClient } from '../../http-client';
import { formatBytes } from '../../output/bytes';
import { formatPlan } from './format-plan';
import type { GcOptions } from './gc';
import { GC, planPath } from './path';
import { waitForPlan } from './wait-for-plan';

/** Always a plan first; nothing is run that was not shown. */
export async function planAndAsk(
  cli: Cli,
  { repo, dryRun = false, json = false }: GcOptions,
): Promise<void> {
  const http = await cli.connect();
  const body = { ...(repo !== undefined && { repo }), dry_run: true };
  const { started } = await http.post(GC, body, GcStarted);
  if (!started) cli.context.stderr.write('A plan is being made already; waiting for it\n');
  const id = await waitForPlan(cli.context, http, repo);
  const plan = await http.get(planPath(id), GcPlanDetail);
  const { deleteTags, deleteManifests } = plan.totals;
  const isEmpty = deleteTags + deleteManifests === 0;
  if (dryRun || isEmpty || plan.blockedBy !== null) {
    cli.print(json, plan, (one) => formatPlan(one, cli.paint));
    if (!dryRun && plan.blockedBy !== null && !isEmpty) cli.exitWith(ERRORS.PLAN_NOT_READY.exit);
    return;
  }
  await askAndRun(cli, http, plan, json);
}

async function askAndRun(
  cli: Cli,
  http: HttpClient,
  plan: GcPlanDetail,
  json: boolean,
): Promise<void> {
  const { confirm, stderr } = cli.context;
  const { id, totals } = plan;
  if (confirm === null) {
    cli.print(json, plan, (one) => formatPlan(one, cli.paint));
    throw new ReleaseError('INVALID_INPUT', 'Nothing was deleted: nobody can be asked here', {
      details: { field: '--yes', remedy: `read the plan, then: plura reg gc --yes ${id}` },
    });
  }
  stderr.write(formatPlan(plan, cli.paint));
  const { deleteTags, deleteManifests, freeBytes } = totals;
  const question = `Delete these ${deleteTags} tags and ${deleteManifests} manifests (${formatBytes(freeBytes)})?`;
  if (await confirm(question)) await runPlan(cli, http, id, json);
  else stderr.write(`Nothing was deleted; the plan is kept: plura reg gc show ${id}\n`);
}

/** Of the repository that is named beside it, where one is. */
export async function runNamed(
  cli: Cli,
  id: string,
  { repo, json = false }: GcOptions,
): Promise<void> {
  const http = await cli.connect();
  if (repo !== undefined) {
    const { repository } = await http.get(planPath(id), GcPlanDetail);
    if (repository !== repo) {
      const scope = repository ?? 'all of the registry';
      throw new ReleaseError('INVALID_INPUT', `${id} is a plan of ${scope}, not of ${repo}`, {
        details: { field: '--repo', remedy: `read it again: plura reg gc show ${id}` },
      });
    }
  }
  await runPlan(cli, http, id, json);
}

async function runPlan(cli: Cli, http: HttpClient, plan: string, json: boolean): Promise<void> {
  const answer = await http.post(planPath(plan, 'run'), {}, GcStarted);
  cli.print(json, { plan, ...answer }, ({ started }) =>
    started
      ? `The plan ${plan} runs; see: plura reg gc status\n`
      : `The plan ${plan} runs already; see: plura reg gc status\n`,
  );
}
