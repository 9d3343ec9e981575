import type { Command } from 'commander';
import { StopView } from '../../../contract/schema/api-freeze';
import { describe, type Cli, type JsonOption } from '../../cli';
import { describeStop } from './format-freeze';

interface Options extends JsonOption {
  readonly reason: string;
}

export function addFreezeStop(parent: Command, cli: Cli): void {
  const command = parent
    .command('stop [service]')
    .requiredOption('--reason <text>', 'why; whoever waits is told');
  describe(
    command,
    'Stop the line at once, for a service or for all: no release passes an irreversible step',
    ['reg freeze stop --reason "incident 4711"', 'reg freeze stop checkout --reason "bad data"'],
  ).action(async (svc: string | undefined, { reason, json }: Options) => {
    const http = await cli.connect();
    const stop = await http.post('/v1/registry/line/stop', { svc, reason }, StopView);
    cli.print(json ?? false, stop, (one) => `${describeStop(one)}\n`);
  });
}
