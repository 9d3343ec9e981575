import type { Command } from 'commander';
import { MaintenanceView } from '../../../contract/schema/api-maintenance';
import { describe, type Cli, type JsonOption } from '../../cli';
import { parseDuration } from '../../durations';
import { formatMode, MAINTENANCE } from './mode';

interface Options extends JsonOption {
  readonly reason: string;
  readonly for?: number;
}

export function addMaintenanceOn(parent: Command, cli: Cli): void {
  const command = parent
    .command('on')
    .requiredOption('--reason <text>', 'why; whoever wants to push is told')
    .option('--for <duration>', 'open again by itself after that, e.g. 30m', parseDuration);
  describe(command, 'Refuse pushes with 503 and Retry-After; pulls go on', [
    'reg maintenance on --reason "reclaiming storage" --for 30m',
  ]).action(async ({ reason, for: forMs, json }: Options) => {
    const http = await cli.connect();
    const body = { pushes: 'closed', reason, ...(forMs !== undefined && { forMs }) };
    cli.print(json ?? false, await http.post(MAINTENANCE, body, MaintenanceView), formatMode);
  });
}
