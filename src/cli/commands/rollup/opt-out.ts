import type { Command } from 'commander';
import { ReleaseError } from '../../../contract/errors';
import { OptOutList, OptOutRemoved, OptOutView } from '../../../contract/schema/api-rollup';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatTable } from '../../output/table';
import { OPT_OUTS } from './path';

interface Options extends JsonOption {
  readonly reason: string;
  readonly until?: string;
  readonly remove?: boolean;
}

export function addRollupOptOut(parent: Command, cli: Cli): void {
  const command = parent
    .command('opt-out <service>')
    .requiredOption('--reason <text>', 'why; it stands in every report')
    .option('--until <time>', 'a day or a time, at most half a year from now')
    .option('--remove', 'let rollups rebuild it again');
  describe(command, 'Keep a service out of rollups until a day', [
    'reg rollup opt-out checkout --until 2027-01-31 --reason "moves to a new runtime first"',
    'reg rollup opt-out checkout --remove --reason "it moved"',
  ]).action(async (svc: string, { json = false, reason, until, remove = false }: Options) => {
    requireOneMeaning(until, remove);
    const http = await cli.connect();
    if (remove) {
      const path = `${OPT_OUTS}/${encodeURIComponent(svc)}/delete`;
      const removed = await http.post(path, { reason }, OptOutRemoved);
      cli.print(json, removed, () => `Rollups rebuild ${svc} again\n`);
      return;
    }
    const one = await http.post(OPT_OUTS, { svc, reason, until }, OptOutView);
    cli.print(json, one, () => `No rollup touches ${svc} until ${one.until}\n`);
  });
}

/** @throws ReleaseError INVALID_INPUT */
function requireOneMeaning(until: string | undefined, remove: boolean): void {
  if ((until !== undefined) !== remove) return;
  throw new ReleaseError('INVALID_INPUT', 'It takes --until or --remove, one of them', {
    details: { field: '--until', remedy: 'say until when: --until 2027-01-31' },
  });
}

export function addRollupOptOuts(parent: Command, cli: Cli): void {
  const command = parent.command('opt-outs');
  describe(command, 'List the services that no rollup touches', [
    'reg rollup opt-outs',
    'reg rollup opt-outs --json',
  ]).action(async ({ json }: JsonOption) => {
    const http = await cli.connect();
    const list = await http.get(OPT_OUTS, OptOutList);
    cli.print(json ?? false, list, ({ optOuts }) =>
      formatTable(
        ['service', 'until', 'by', 'why'],
        optOuts.map(({ svc, until, by, reason }) => [svc, until, by, reason]),
      ),
    );
  });
}
