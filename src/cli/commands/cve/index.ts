import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addCaseVerbs } from './cases';
import { addImpact } from './impact';

export function addCve(parent: Command, cli: Cli): void {
  const group = parent.command('cve').description('Advisories: what they hit, until nothing is');
  addImpact(group, cli);
  addCaseVerbs(group, cli);
}
