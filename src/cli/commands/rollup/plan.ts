import type { Command } from 'commander';
import { RollupView } from '../../../contract/schema/api-rollup';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatRollup } from './format-rollup';
import { ROLLUPS } from './path';

export interface Scope {
  readonly only?: readonly string[];
  readonly emergency?: string;
}

/** Body of what plans and runs take. */
export function scopeOf({ only, emergency }: Scope): object {
  return {
    ...(only !== undefined && { services: only }),
    ...(emergency !== undefined && { advisory: emergency }),
  };
}

export function addScope(command: Command): Command {
  return command
    .option('--only <service...>', 'these services; without it every one on an older base')
    .option(
      '--emergency <advisory>',
      'because of it: faster, and also what stands on the newest bases',
    );
}

export function addRollupPlan(parent: Command, cli: Cli): void {
  const command = addScope(parent.command('plan'));
  describe(
    command,
    'Show what a rollup would rebuild now, and in which waves; it changes nothing',
    ['reg rollup plan', 'reg rollup plan --only checkout payments --json'],
  ).action(async ({ json, ...scope }: Scope & JsonOption) => {
    const http = await cli.connect();
    const plan = await http.post(`${ROLLUPS}/plan`, scopeOf(scope), RollupView);
    cli.print(json ?? false, plan, (one) => formatRollup(one, cli.paint));
  });
}
