import type { Command } from 'commander';
import { ReleaseError } from '../../../contract/errors';
import { RollupList, RollupView } from '../../../contract/schema/api-rollup';
import { describe, type Cli, type JsonOption } from '../../cli';
import type { HttpClient } from '../../http-client';
import { exitOf, followRollup } from './follow';
import { formatRollup } from './format-rollup';
import { ROLLUPS, rollupPath } from './path';

interface Options extends JsonOption {
  readonly wait?: boolean;
}

/** The one that is named, or the newest, of those that run where `running` says so. */
export async function rollupNamed(
  http: HttpClient,
  id: string | undefined,
  running = false,
): Promise<string> {
  if (id !== undefined) return id;
  const { rollups } = await http.get(`${ROLLUPS}?limit=20`, RollupList);
  const found = rollups.find(({ outcome }) => !running || outcome === null);
  if (found) return found.id;
  const what = running ? 'No rollup is under way' : 'There was no rollup yet';
  throw new ReleaseError('ROLLUP_NOT_FOUND', what, {
    details: { remedy: 'see what it would do: plura reg rollup plan' },
  });
}

export function addRollupStatus(parent: Command, cli: Cli): void {
  const command = parent
    .command('status')
    .argument('[rollup]', 'without it the newest')
    .option('--wait', 'until it has ended, with the exit code that says how');
  describe(command, 'Show how far a rollup is, or how it ended, service by service', [
    'reg rollup status',
    'reg rollup status asked-0123456789abcdef --wait --json',
  ]).action(async (given: string | undefined, { json = false, wait = false }: Options) => {
    const http = await cli.connect();
    const id = await rollupNamed(http, given);
    const rollup = wait
      ? await followRollup(cli, http, id)
      : await http.get(rollupPath(id), RollupView);
    cli.print(json, rollup, (one) => formatRollup(one, cli.paint));
    if (wait) cli.exitWith(exitOf(rollup));
  });
}
