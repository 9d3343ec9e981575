import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addFreezeAdd } from './add';
import { addFreezeCheck } from './check';
import { addFreezeDelete } from './delete';
import { addFreezeList } from './list';
import { addFreezeResume } from './resume';
import { addFreezeShow } from './show';
import { addFreezeStop } from './stop';

export function addFreeze(parent: Command, cli: Cli): void {
  const group = parent
    .command('freeze')
    .description('When releases may not go on, by calendar or by hand');
  for (const add of [
    addFreezeAdd,
    addFreezeList,
    addFreezeShow,
    addFreezeDelete,
    addFreezeCheck,
    addFreezeStop,
    addFreezeResume,
  ]) {
    add(group, cli);
  }
}
