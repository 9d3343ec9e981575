import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addDenyAdd } from './add';
import { addDenyLift } from './lift';
import { addDenyList } from './list';

export function addDeny(parent: Command, cli: Cli): void {
  const group = parent.command('deny').description('Digests that nobody may run');
  for (const add of [addDenyAdd, addDenyList, addDenyLift]) add(group, cli);
}
