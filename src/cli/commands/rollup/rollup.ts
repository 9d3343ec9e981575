import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addRollupList } from './list';
import { addRollupOptOut, addRollupOptOuts } from './opt-out';
import { addRollupOrders } from './orders';
import { addRollupPlan } from './plan';
import { addRollupRun } from './run';
import { addRollupStatus } from './status';

export function addRollup(parent: Command, cli: Cli): void {
  const command = parent
    .command('rollup')
    .description('Rebuild services because their bases are renewed, every month or at once');
  addRollupPlan(command, cli);
  addRollupRun(command, cli);
  addRollupStatus(command, cli);
  addRollupList(command, cli);
  addRollupOrders(command, cli);
  addRollupOptOut(command, cli);
  addRollupOptOuts(command, cli);
}
