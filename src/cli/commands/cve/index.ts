import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addImpact } from './impact';

export function addCve(parent: Command, cli: Cli): void {
  const group = parent
    .command('cve')
    .description('Advisories: what they hit, and what is done about them');
  for (const add of [addImpact]) add(group, cli);
}
