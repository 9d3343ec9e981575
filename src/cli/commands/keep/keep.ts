import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addKeepAdd } from './add';
import { addKeepList } from './list';
import { addKeepRelease } from './release';

/** Holds of digests; `plura reg hold` holds a lane. */
export function addKeep(parent: Command, cli: Cli): void {
  const group = parent
    .command('keep')
    .description('Holds: digests that are kept, whatever retention says');
  for (const add of [addKeepAdd, addKeepList, addKeepRelease]) add(group, cli);
}
