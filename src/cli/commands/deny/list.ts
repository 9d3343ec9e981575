import type { Command } from 'commander';
import { DenialList, type DenialView } from '../../../contract/schema/api-allow';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { formatTable } from '../../output/table';
import { DENIALS } from './path';

interface Options extends JsonOption {
  readonly all?: boolean;
  readonly limit: string;
}

export function addDenyList(parent: Command, cli: Cli): void {
  const command = parent
    .command('list')
    .option('--all', 'lifted ones too')
    .option('--limit <n>', 'at most this many', parseCount, '100');
  describe(command, 'List denied digests, newest first', [
    'reg deny list',
    'reg deny list --all --json',
  ]).action(async ({ all, limit, json }: Options) => {
    const http = await cli.connect();
    const query = new URLSearchParams({ limit, ...(all && { all: 'true' }) }).toString();
    const list = await http.get(`${DENIALS}?${query}`, DenialList);
    cli.print(json ?? false, list, ({ denials }) =>
      formatTable(['digest', 'named', 'why', 'by', 'since', 'lifted'], denials.map(toRow)),
    );
  });
}

function toRow({ digest, repository, reason, by, at, liftedAt }: DenialView): readonly string[] {
  return [digest, repository ?? '-', reason, by, at, liftedAt ?? '-'];
}
