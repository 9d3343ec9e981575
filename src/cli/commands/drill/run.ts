import type { Command } from 'commander';
import { RunDrillAnswer } from '../../../contract/schema/api-drill';
import { describe, type Cli, type JsonOption } from '../../cli';
import { DRILLS } from './path';

export function addDrillRun(parent: Command, cli: Cli): void {
  describe(
    parent.command('run'),
    'Roll the services that are marked for it back and forward again, now',
    ['reg drill run'],
  ).action(async ({ json }: JsonOption) => {
    const http = await cli.connect();
    const answer = await http.post(DRILLS, {}, RunDrillAnswer);
    cli.print(json ?? false, answer, ({ started, running }) =>
      started ? 'Started; see: plura reg drill list\n' : `Under way already: ${running ?? ''}\n`,
    );
  });
}
