import type { Command } from 'commander';
import { RunStartAnswer } from '../../../contract/schema/api-schedule';
import { describe, type Cli, type JsonOption } from '../../cli';
import { DATABASES } from './path';

export function addDatabaseMirror(parent: Command, cli: Cli): void {
  describe(
    parent.command('mirror'),
    "Bring the scanner's databases from their source into our registry, now",
    ['reg database mirror'],
  ).action(async ({ json }: JsonOption) => {
    const http = await cli.connect();
    const answer = await http.post(`${DATABASES}/mirror`, {}, RunStartAnswer);
    cli.print(json ?? false, answer, ({ started, running }) =>
      started ? 'Started; see: plura reg database show\n' : `Under way already: ${running ?? ''}\n`,
    );
  });
}
