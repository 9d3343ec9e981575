import type { Command } from 'commander';
import { GcPlanDetail } from '../../../contract/schema/api-gc';
import { describe, type Cli, type JsonOption } from '../../cli';
import { planPath } from './path';

interface Options extends JsonOption {
  readonly reason: string;
}

export function addGcApprove(parent: Command, cli: Cli): void {
  const command = parent
    .command('approve <plan>')
    .requiredOption('--reason <text>', 'why it may run; it is recorded');
  describe(command, 'Take the responsibility for a plan, the first one or one over budget', [
    'reg gc approve gc-5f0d… --reason "experiments of the spring"',
  ]).action(async (id: string, { reason, json }: Options) => {
    const http = await cli.connect();
    const plan = await http.post(planPath(id, 'approve'), { reason }, GcPlanDetail);
    cli.print(json ?? false, plan, ({ blockedBy }) =>
      blockedBy === null
        ? `Approved; run it: plura reg gc --yes ${id}\n`
        : `Approved, and it may not run: ${blockedBy}\n`,
    );
  });
}
