import type { Command } from 'commander';
import { GcRunView } from '../../../contract/schema/api-gc-run';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatGcRun } from '../../output/gc-run';
import { GC, runningPlan } from './run-path';

interface Options extends JsonOption {
  readonly reason: string;
}

const ORDERS = {
  pause: 'Pause a plan after the item that is under way',
  resume: 'Go on with a paused plan',
  cancel: 'Stop a plan; what it deleted can be put back until disk is reclaimed',
} as const;

export function addGcOrders(parent: Command, cli: Cli): void {
  for (const order of ['pause', 'resume', 'cancel'] as const) {
    const command = parent
      .command(order)
      .argument('[plan]', 'without it the plan that runs')
      .requiredOption('--reason <text>', 'why; it is recorded');
    describe(command, ORDERS[order], [`reg gc ${order} --reason "an incident"`]).action(
      async (plan: string | undefined, { reason, json }: Options) => {
        const http = await cli.connect();
        const path = `${GC}/plans/${await runningPlan(http, plan)}/${order}`;
        cli.print(json ?? false, await http.post(path, { reason }, GcRunView), formatGcRun);
      },
    );
  }
}
