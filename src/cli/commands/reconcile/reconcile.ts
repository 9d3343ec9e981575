import type { Command } from 'commander';
import { ReconcileView } from '../../../contract/schema/api-reconcile';
import { RunStartAnswer } from '../../../contract/schema/api-schedule';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatReconcile } from '../../output/reconcile';

const PATH = '/v1/registry/reconcile';

export function addReconcile(parent: Command, cli: Cli): void {
  const command = parent
    .command('reconcile')
    .description('Compare the registry with what the gateway recorded');
  describe(command.command('run'), 'Start a run now; at most one is under way', [
    'reg reconcile run',
  ]).action(async ({ json }: JsonOption) => {
    const http = await cli.connect();
    const answer = await http.post(PATH, {}, RunStartAnswer);
    cli.print(json ?? false, answer, ({ started, running }) =>
      started
        ? 'Started; see: plura reg reconcile status\n'
        : `Under way already: ${running ?? ''}\n`,
    );
  });
  describe(command.command('status'), 'When it runs next, and what it found', [
    'reg reconcile status',
    'reg reconcile status --json',
  ]).action(async ({ json }: JsonOption) => {
    const http = await cli.connect();
    const view = await http.get(PATH, ReconcileView);
    cli.print(json ?? false, view, (one) => formatReconcile(one, cli.paint));
  });
}
