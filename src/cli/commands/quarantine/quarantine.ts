import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addQuarantineAdd } from './add';
import { addQuarantineList } from './list';
import { addQuarantineRelease } from './release';
import { addQuarantineShow } from './show';

export function addQuarantine(parent: Command, cli: Cli): void {
  const group = parent.command('quarantine').description('Digests that nobody may pull or promote');
  for (const add of [
    addQuarantineAdd,
    addQuarantineList,
    addQuarantineShow,
    addQuarantineRelease,
  ]) {
    add(group, cli);
  }
}
