import type { Command } from 'commander';
import { DecisionAnswer } from '../../../contract/schema/api-release';
import { describe, type Cli, type JsonOption } from '../../cli';
import { releasePath } from '../../references';

interface Options extends JsonOption {
  readonly reason: string;
}

export function addApprove(parent: Command, cli: Cli): void {
  const command = parent
    .command('approve <release>')
    .option('--reason <text>', 'what was looked at', 'approved');
  describe(command, 'Approve a release that waits for it; not your own', [
    'reg approve checkout/1.4.0_3f2a9c1 --reason "dashboards are fine"',
  ]).action(async (release: string, { reason, json }: Options) => {
    const http = await cli.connect();
    const answer = await http.post(releasePath(release, 'approve'), { reason }, DecisionAnswer);
    cli.print(json ?? false, answer, (one) => `${one.message}\n`);
  });
}
