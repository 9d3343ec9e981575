import type { Command } from 'commander';
import { GrantList } from '../../../contract/schema/api-allow';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { formatTable } from '../../output/table';
import { toRow } from './format-grant';
import { GRANTS } from './path';

interface Options extends JsonOption {
  readonly all?: boolean;
  readonly limit: string;
}

export function addAllowList(parent: Command, cli: Cli): void {
  const command = parent
    .command('list')
    .option('--all', 'revoked and expired ones too')
    .option('--limit <n>', 'at most this many', parseCount, '100');
  describe(command, 'List grants, newest first', [
    'reg allow list',
    'reg allow list --all --json',
  ]).action(async ({ all, limit, json }: Options) => {
    const http = await cli.connect();
    const query = new URLSearchParams({ limit, ...(all && { all: 'true' }) }).toString();
    const list = await http.get(`${GRANTS}?${query}`, GrantList);
    cli.print(json ?? false, list, ({ grants }) =>
      formatTable(['id', 'image', 'where', 'owner', 'by', 'until', 'why'], grants.map(toRow)),
    );
  });
}
