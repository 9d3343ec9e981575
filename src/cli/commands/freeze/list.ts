import type { Command } from 'commander';
import { FreezeList } from '../../../contract/schema/api-freeze';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { formatTable } from '../../output/table';
import { describeStop, toRow } from './format-freeze';
import { FREEZES } from './path';

interface Options extends JsonOption {
  readonly svc?: string;
  readonly all?: boolean;
  readonly limit: string;
}

export function addFreezeList(parent: Command, cli: Cli): void {
  const command = parent
    .command('list')
    .option('--svc <service>', 'those that cover this service')
    .option('--all', 'deleted ones too')
    .option('--limit <n>', 'at most this many', parseCount, '100');
  describe(
    command,
    'List freezes with the time each is closed next, and where the line is stopped',
    ['reg freeze list', 'reg freeze list --svc checkout --json'],
  ).action(async ({ svc, all, limit, json }: Options) => {
    const http = await cli.connect();
    const query = new URLSearchParams({
      limit,
      ...(svc !== undefined && { svc }),
      ...(all && { all: 'true' }),
    });
    const list = await http.get(`${FREEZES}?${query.toString()}`, FreezeList);
    cli.print(json ?? false, list, format);
  });
}

function format({ freezes, stops }: FreezeList): string {
  const head = ['name', 'closes', 'in', 'next', 'why', 'by'];
  return (
    stops.map((stop) => `${describeStop(stop)}\n`).join('') + formatTable(head, freezes.map(toRow))
  );
}
