import type { Command } from 'commander';
import { ReclaimAnswer, ReclaimList, ReclaimStopped } from '../../../contract/schema/api-gc-run';
import { describe, type Cli, type JsonOption } from '../../cli';
import { requireConsent } from '../../consent';
import { formatReclaims } from '../../output/gc-run';
import { GC } from './run-path';

interface Options extends JsonOption {
  readonly now?: boolean;
  readonly stop?: boolean;
  readonly yes?: boolean;
}

const PATH = `${GC}/reclaim`;
const QUESTION =
  'Close the registry to pushes and take back disk? What was deleted can not be put back then.';

export function addGcReclaim(parent: Command, cli: Cli): void {
  const command = parent
    .command('reclaim')
    .option('--now', 'take back disk: pushes are closed meanwhile, pulls go on')
    .option('--stop', 'end one that is under way; pushes are opened')
    .option('--yes', 'do not ask');
  describe(command, 'Show what reclaims took back, planned beside measured; or start one', [
    'reg gc reclaim',
    'reg gc reclaim --now',
  ]).action(async ({ now, stop, yes, json }: Options) => {
    const http = await cli.connect();
    if (stop === true) {
      const answer = await http.delete(PATH, ReclaimStopped);
      cli.print(json ?? false, answer, ({ stopped }) =>
        stopped ? 'It ends; pushes are opened\n' : 'None is under way\n',
      );
      return;
    }
    if (now === true) {
      await requireConsent(cli.context, yes, QUESTION);
      const answer = await http.post(PATH, {}, ReclaimAnswer);
      cli.print(json ?? false, answer, ({ started }) =>
        started ? 'Started; see: plura reg gc reclaim\n' : 'Under way already\n',
      );
      return;
    }
    cli.print(json ?? false, await http.get(PATH, ReclaimList), formatReclaims);
  });
}
