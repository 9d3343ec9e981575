import type { Command } from 'commander';
import { LaneView } from '../../../contract/schema/api-service';
import { describe, type Cli, type JsonOption } from '../../cli';
import { servicePath } from '../../references';

interface Options extends JsonOption {
  readonly reason: string;
}

/** The default of its group: `plura reg hold SERVICE` is `plura reg hold lane SERVICE`. */
export function addHoldLane(parent: Command, cli: Cli): void {
  const command = parent
    .command('lane <service>', { isDefault: true })
    .requiredOption('--reason <text>', 'why; it is shown to whoever wants to release');
  describe(
    command,
    'Start no release of a service until it is resumed; rollback and abort stay open',
    ['reg hold checkout --reason "incident 4711"'],
  ).action(async (service: string, { reason, json }: Options) => {
    const http = await cli.connect();
    const lane = await http.post(servicePath(service, 'hold'), { reason }, LaneView);
    cli.print(json ?? false, lane, (one) => `The lane of ${one.svc} is held\n`);
  });
}
