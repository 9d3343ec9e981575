import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addMaintenanceOff } from './off';
import { addMaintenanceOn } from './on';
import { addMaintenanceShow } from './show';

export function addMaintenance(parent: Command, cli: Cli): void {
  const group = parent
    .command('maintenance')
    .description('Close the registry to pushes for a while; pulls go on');
  addMaintenanceShow(group, cli);
  addMaintenanceOn(group, cli);
  addMaintenanceOff(group, cli);
}
