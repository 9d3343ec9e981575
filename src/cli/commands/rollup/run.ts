import type { Command } from 'commander';
import { RollupStarted, RollupView } from '../../../contract/schema/api-rollup';
import { describe, type Cli, type JsonOption } from '../../cli';
import { requireConsent } from '../../consent';
import { exitOf, followRollup } from './follow';
import { formatRollup } from './format-rollup';
import { ROLLUPS } from './path';
import { addScope, scopeOf, type Scope } from './plan';

interface Options extends Scope, JsonOption {
  readonly reason: string;
  readonly wait?: boolean;
  readonly yes?: boolean;
}

export function addRollupRun(parent: Command, cli: Cli): void {
  const command = addScope(parent.command('run'))
    .requiredOption('--reason <text>', 'why; it is recorded')
    .option('--wait', 'until it has ended, with the exit code that says how')
    .option('--yes', 'do not ask');
  describe(command, 'Import the newest bases and rebuild what stands on older ones, in waves', [
    'reg rollup run --reason "new static base"',
    'reg rollup run --emergency CVE-2026-1234 --only checkout --reason "fixed base is out" --yes --wait',
  ]).action(async ({ json = false, reason, wait = false, yes, ...scope }: Options) => {
    const http = await cli.connect();
    const body = scopeOf(scope);
    if (yes !== true && cli.context.confirm !== null) {
      const plan = await http.post(`${ROLLUPS}/plan`, body, RollupView);
      cli.context.stderr.write(formatRollup(plan, cli.paint));
      const waiting = plan.tasks.filter(({ state }) => state === 'waiting').length;
      const question = `Import the newest bases and rebuild these ${waiting} services, and others that then stand on older ones?`;
      await requireConsent(cli.context, yes, question);
    }
    const started = await http.post(ROLLUPS, { ...body, reason }, RollupStarted);
    if (!wait) {
      cli.print(
        json,
        started,
        ({ id }) => `Rollup ${id} runs; see: plura reg rollup status ${id}\n`,
      );
      return;
    }
    const ended = await followRollup(cli, http, started.id);
    cli.print(json, ended, (one) => formatRollup(one, cli.paint));
    cli.exitWith(exitOf(ended));
  });
}
