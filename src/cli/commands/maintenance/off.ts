import type { Command } from 'commander';
import { MaintenanceView } from '../../../contract/schema/api-maintenance';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatMode, MAINTENANCE } from './mode';

interface Options extends JsonOption {
  readonly reason: string;
}

export function addMaintenanceOff(parent: Command, cli: Cli): void {
  const command = parent
    .command('off')
    .option('--reason <text>', 'why; it is recorded', 'maintenance is over');
  describe(command, 'Take pushes again', ['reg maintenance off']).action(
    async ({ reason, json }: Options) => {
      const http = await cli.connect();
      const mode = await http.post(MAINTENANCE, { pushes: 'open', reason }, MaintenanceView);
      cli.print(json ?? false, mode, formatMode);
    },
  );
}
