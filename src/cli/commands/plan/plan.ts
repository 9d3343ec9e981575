import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addPlanExplain } from './explain';
import { addPlanLint } from './lint';

export function addPlan(parent: Command, cli: Cli): void {
  const group = parent
    .command('plan')
    .description('Canary plans: how a new version is tried out and judged');
  addPlanLint(group, cli);
  addPlanExplain(group, cli);
}
