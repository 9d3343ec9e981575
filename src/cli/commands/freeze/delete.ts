import type { Command } from 'commander';
import { DeleteFreezeAnswer } from '../../../contract/schema/api-freeze';
import { describe, type Cli, type JsonOption } from '../../cli';
import { requireConsent } from '../../consent';
import { freezePath } from './path';

interface Options extends JsonOption {
  readonly reason: string;
  readonly yes?: boolean;
}

export function addFreezeDelete(parent: Command, cli: Cli): void {
  const command = parent
    .command('delete <name>')
    .requiredOption('--reason <text>', 'why; it is recorded')
    .option('--yes', 'do not ask');
  describe(command, 'Let a freeze close nothing any more; releases that wait for it go on', [
    'reg freeze delete weekend --reason "on call again"',
  ]).action(async (name: string, { reason, yes, json }: Options) => {
    const http = await cli.connect();
    await requireConsent(cli.context, yes, `Delete the freeze ${name}?`);
    const answer = await http.post(freezePath(name, 'delete'), { reason }, DeleteFreezeAnswer);
    cli.print(json ?? false, answer, (one) => `${one.name} closes nothing any more\n`);
  });
}
