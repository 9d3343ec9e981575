import type { Command } from 'commander';
import { RollbackAnswer, RollbackPlan } from '../../../contract/schema/api-rollback';
import { describe, type Cli, type JsonOption } from '../../cli';
import { requireConsent } from '../../consent';
import { formatRollbackPlan } from '../../output/plan';
import { displayRelease, formatDuration } from '../../output/style';
import { resolveRepository } from '../../references';

interface Options extends JsonOption {
  readonly to?: string;
  readonly revertKey?: string;
  readonly reason: string;
  readonly plan?: boolean;
  readonly yes?: boolean;
}

const ROLLBACK = '/v1/registry/rollback';

export function addRollback(parent: Command, cli: Cli): void {
  const command = parent
    .command('rollback <service>')
    .requiredOption('--reason <text>', 'why; it is recorded')
    .option('--to <digest>', 'a digest that was prod:stable (default: the previous one)')
    .option('--revert-key <key>', 'undo exactly the pin this key was made for')
    .option('--plan', 'say what would happen, do nothing')
    .option('--yes', 'do not ask');
  describe(command, 'Pin a digest that was prod:stable before; waits for the end', [
    'reg rollback checkout --reason "errors since 14:02"',
    'reg rollback checkout --to sha256:… --reason "last good one"',
  ]).action(async (service: string, options: Options) => {
    const http = await cli.connect();
    const { reason, revertKey, yes } = options;
    const to = options.to === undefined ? {} : { to: `prod:stable@${options.to}` };
    const repo = await resolveRepository(http, service);
    const body = { repo, reason, ...to, ...(revertKey !== undefined && { revertKey }) };
    const json = options.json ?? false;
    const asks = cli.context.confirm !== null && !yes;
    if (options.plan || asks) {
      const plan = await http.post(ROLLBACK, { ...body, plan: true }, RollbackPlan);
      if (options.plan) {
        cli.print(json, plan, (one) => formatRollbackPlan(one, cli.paint));
        if (!plan.possible) cli.exitWith(3);
        return;
      }
      cli.context.stderr.write(formatRollbackPlan(plan, cli.paint));
    }
    await requireConsent(cli.context, yes, 'Roll back now?');
    const done = await http.post(ROLLBACK, body, RollbackAnswer);
    cli.print(json, done, formatDone);
  });
}

function formatDone(done: ReturnType<typeof RollbackAnswer.parse>): string {
  return [
    `${done.svc}: prod:stable is ${done.to} again, after ${formatDuration(done.durationMs)}`,
    `  was ${done.from}`,
    ...(done.preempted === null ? [] : [`  ended ${displayRelease(done.preempted)}`]),
    ...(done.held
      ? [`  the lane is held; when it is mended: plura reg resume ${done.svc} --reason …`]
      : []),
    '',
  ].join('\n');
}
