import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addBaseAllow } from './allow';
import { addBaseImport } from './import';
import { addBaseLint } from './lint';
import { addBaseList } from './list';
import { addBaseUsage } from './usage';
import { addBaseWithdraw } from './withdraw';

export function addBase(parent: Command, cli: Cli): void {
  const group = parent.command('base').description('Bases that builds may start from');
  const verbs = [
    addBaseList,
    addBaseImport,
    addBaseAllow,
    addBaseWithdraw,
    addBaseLint,
    addBaseUsage,
  ];
  for (const add of verbs) add(group, cli);
}
