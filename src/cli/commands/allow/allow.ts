import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addAllowAdd } from './add';
import { addAllowList } from './list';
import { addAllowRevoke } from './revoke';

export function addAllow(parent: Command, cli: Cli): void {
  const group = parent
    .command('allow')
    .description('Grants: digests that may run where the channels do not let them');
  for (const add of [addAllowAdd, addAllowList, addAllowRevoke]) add(group, cli);
}
