import type { Command } from 'commander';
import { MaintenanceView } from '../../../contract/schema/api-maintenance';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatMode, MAINTENANCE } from './mode';

export function addMaintenanceShow(parent: Command, cli: Cli): void {
  describe(parent.command('show'), 'Show whether the registry takes pushes', [
    'reg maintenance show',
  ]).action(async ({ json }: JsonOption) => {
    const http = await cli.connect();
    cli.print(json ?? false, await http.get(MAINTENANCE, MaintenanceView), formatMode);
  });
}
