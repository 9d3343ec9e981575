import type { Command } from 'commander';
import { LaneView } from '../../../contract/schema/api-service';
import { describe, type Cli, type JsonOption } from '../../cli';
import { servicePath } from '../../references';

interface Options extends JsonOption {
  readonly reason: string;
}

export function addResume(parent: Command, cli: Cli): void {
  const command = parent
    .command('resume <service>')
    .requiredOption('--reason <text>', 'why it may go on; it is recorded');
  describe(command, 'Let a held lane start releases again', [
    'reg resume checkout --reason "fixed in 1.4.1"',
  ]).action(async (service: string, { reason, json }: Options) => {
    const http = await cli.connect();
    const lane = await http.post(servicePath(service, 'resume'), { reason }, LaneView);
    cli.print(json ?? false, lane, (one) => `The lane of ${one.svc} is open\n`);
  });
}
