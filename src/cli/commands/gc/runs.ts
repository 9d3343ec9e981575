import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addGcOrders } from './orders';
import { addGcReclaim } from './reclaim';
import { addGcRestore, addGcTombstones } from './restore';
import { addGcStatus } from './status';

/** What becomes of plans: of the group `gc`. */
export function addGcRuns(group: Command, cli: Cli): void {
  for (const add of [addGcStatus, addGcOrders, addGcRestore, addGcTombstones, addGcReclaim]) {
    add(group, cli);
  }
}
