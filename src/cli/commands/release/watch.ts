import type { Command } from 'commander';
import { OUTCOME_EXITS } from '../../../contract/exit-codes';
import { describe, type Cli, type JsonOption } from '../../cli';
import { createProgress } from '../../output/progress';
import { watchRelease } from '../../watch-release';

export function addWatch(parent: Command, cli: Cli): void {
  describe(
    parent.command('watch <release>'),
    'Follow a release to its end; the exit code tells the outcome',
    ['reg watch checkout/1.4.0_3f2a9c1'],
  ).action(async (name: string, { json }: JsonOption) => {
    const { context, paint } = cli;
    const http = await cli.connect();
    const progress = createProgress(json ? context.stderr : context.stdout, context.now, paint);
    const release = await watchRelease({ context, http, progress }, name);
    if (json) cli.print(true, release, () => '');
    cli.exitWith(release.outcome === undefined ? 1 : OUTCOME_EXITS[release.outcome]);
  });
}
