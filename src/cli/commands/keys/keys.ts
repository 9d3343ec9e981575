import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addKeysList } from './list';
import { addKeysRevoke } from './revoke';

export function addKeys(parent: Command, cli: Cli): void {
  const group = parent.command('keys').description('Keys that images are verified with');
  for (const add of [addKeysList, addKeysRevoke]) add(group, cli);
}
