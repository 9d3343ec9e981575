import type { Command } from 'commander';
import { ExceptionList } from '../../../contract/schema/api-exception';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { formatTable } from '../../output/table';
import { toRow } from './format-exception';
import { EXCEPTIONS } from './path';

interface Options extends JsonOption {
  readonly svc?: string;
  readonly all?: boolean;
  readonly limit: string;
}

const HEAD = ['id', 'state', 'for', 'in', 'where', 'left', 'until', 'owner', 'why'];

export function addExceptionList(parent: Command, cli: Cli): void {
  const command = parent
    .command('list')
    .option('--svc <service>', 'those that are for it, or for every service')
    .option('--all', 'ended and revoked ones too')
    .option('--limit <n>', 'at most this many', parseCount, '100');
  describe(command, 'List exceptions, newest first, with the time each is in force yet', [
    'reg exception list',
    'reg exception list --svc checkout --all --json',
  ]).action(async ({ svc, all, limit, json }: Options) => {
    const http = await cli.connect();
    const query = new URLSearchParams({
      limit,
      ...(svc !== undefined && { svc }),
      ...(all && { all: 'true' }),
    });
    const list = await http.get(`${EXCEPTIONS}?${query.toString()}`, ExceptionList);
    cli.print(json ?? false, list, ({ exceptions }) => formatTable(HEAD, exceptions.map(toRow)));
  });
}
