import type { Command } from 'commander';
import { HoldList, type HoldView } from '../../../contract/schema/api-allow';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { formatTable } from '../../output/table';
import { HOLDS } from './path';

interface Options extends JsonOption {
  readonly all?: boolean;
  readonly limit: string;
}

export function addKeepList(parent: Command, cli: Cli): void {
  const command = parent
    .command('list')
    .option('--all', 'released and ended ones too')
    .option('--limit <n>', 'at most this many', parseCount, '100');
  describe(command, 'List kept digests, newest first', [
    'reg keep list',
    'reg keep list --all --json',
  ]).action(async ({ all, limit, json }: Options) => {
    const http = await cli.connect();
    const query = new URLSearchParams({ limit, ...(all && { all: 'true' }) }).toString();
    const list = await http.get(`${HOLDS}?${query}`, HoldList);
    cli.print(json ?? false, list, ({ holds }) =>
      formatTable(['id', 'digest', 'why', 'by', 'since', 'until', 'released'], holds.map(toRow)),
    );
  });
}

function toRow({ id, digest, reason, by, at, until, releasedAt }: HoldView): readonly string[] {
  return [id, digest, reason, by, at, until ?? '-', releasedAt ?? '-'];
}
