import type { Command } from 'commander';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatGcRun } from '../../output/gc-run';
import { getRun } from './run-path';

export function addGcStatus(parent: Command, cli: Cli): void {
  const command = parent
    .command('status')
    .argument('[plan]', 'without it the plan that runs, or ran last');
  describe(command, 'Show how far a plan is, what it deleted and what it kept after all', [
    'reg gc status',
    'reg gc status gc-0123456789abcdef0123456789abcdef --json',
  ]).action(async (plan: string | undefined, { json }: JsonOption) => {
    const http = await cli.connect();
    cli.print(json ?? false, await getRun(http, plan), formatGcRun);
  });
}
