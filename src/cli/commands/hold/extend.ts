import type { Command } from 'commander';
import { WormRunAnswer } from '../../../contract/schema/api-worm';
import { describe, type Cli, type JsonOption } from '../../cli';
import { requireConsent } from '../../consent';
import { parseLockUntil } from './lock-until';
import { copyPath } from './path';

interface Options extends JsonOption {
  readonly until: string;
  readonly yes?: boolean;
}

export function addHoldExtend(parent: Command, cli: Cli): void {
  const command = parent
    .command('extend <id>')
    .requiredOption('--until <time>', 'a day or a time, later than now', parseLockUntil)
    .option('--yes', 'do not ask');
  describe(command, 'Lock an incident copy for longer; it can never be locked for less', [
    'reg hold extend 0123456789abcdef --until 2033-12-31',
  ]).action(async (id: string, { until, yes, json }: Options) => {
    const http = await cli.connect();
    await requireConsent(cli.context, yes, `Lock ${id} until ${until}? Nobody can undo it.`);
    const run = await http.post(copyPath(id, 'extend'), { lockUntil: until }, WormRunAnswer);
    cli.print(json ?? false, run, ({ started }) =>
      started
        ? `${id} is being locked until ${until}: plura reg hold show ${id}\n`
        : `${id} is being locked for longer already\n`,
    );
  });
}
