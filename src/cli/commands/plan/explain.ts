import type { Command } from 'commander';
import { ERRORS } from '../../../contract/errors';
import { PlanView } from '../../../contract/schema/api-plan';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatPlanView } from './format-plan';
import { parseRate } from './parse-rate';
import { loadPlanFile } from './plan-file';

interface Options extends JsonOption {
  readonly canaryPlan?: string;
  readonly rps?: number;
}

export function addPlanExplain(parent: Command, cli: Cli): void {
  const command = parent
    .command('explain <service>')
    .option('--canary-plan <file>', 'with this plan file over it')
    .option('--rps <n>', 'requests a second of the whole service', parseRate);
  describe(command, 'Show the plan that a promotion takes, and where each value came from', [
    'reg plan explain checkout',
    'reg plan explain checkout --canary-plan canary.yaml --rps 40',
    'reg plan explain checkout --json',
  ]).action(async (svc: string, { canaryPlan, rps, json }: Options) => {
    const plan =
      canaryPlan === undefined ? undefined : await loadPlanFile(cli.context.cwd, canaryPlan);
    const http = await cli.connect();
    const request = {
      svc,
      ...(plan !== undefined && { plan }),
      ...(rps !== undefined && { requestsPerSecond: rps }),
    };
    const view = await http.post('/v1/registry/plan', request, PlanView);
    cli.print(json ?? false, view, (one) => formatPlanView(one, cli.paint));
    if (!view.valid) cli.exitWith(ERRORS.INVALID_INPUT.exit);
  });
}
