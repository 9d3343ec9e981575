import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addDrillList } from './list';
import { addDrillRun } from './run';
import { addDrillShow } from './show';
import { addDrillTargets } from './targets';

export function addDrill(parent: Command, cli: Cli): void {
  const group = parent
    .command('drill')
    .description('Whether a rollback works, and how long it takes');
  for (const add of [addDrillRun, addDrillList, addDrillShow, addDrillTargets]) add(group, cli);
}
