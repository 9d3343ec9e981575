import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addBaseAllow } from './allow';
import { addBaseImport } from './import';
import { addBaseList } from './list';
import { addBaseWithdraw } from './withdraw';

export function addBase(parent: Command, cli: Cli): void {
  const group = parent.command('base').description('Bases that builds may start from');
  for (const add of [addBaseList, addBaseImport, addBaseAllow, addBaseWithdraw]) add(group, cli);
}
