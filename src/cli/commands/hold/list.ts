import type { Command } from 'commander';
import { WormCopyList, type WormCopyView } from '../../../contract/schema/api-worm';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { formatTable } from '../../output/table';
import { shortenDigest } from '../../output/style';
import { formatSize } from './format-copy';
import { COPIES } from './path';

interface Options extends JsonOption {
  readonly digest?: string;
  readonly limit: string;
}

export function addHoldList(parent: Command, cli: Cli): void {
  const command = parent
    .command('list')
    .option('--digest <digest>', 'copies of that one')
    .option('--limit <n>', 'at most this many', parseCount, '100');
  describe(command, 'List incident copies, newest first', [
    'reg hold list',
    'reg hold list --digest sha256:… --json',
  ]).action(async ({ digest, limit, json }: Options) => {
    const http = await cli.connect();
    const query = new URLSearchParams({ limit, ...(digest !== undefined && { digest }) });
    const list = await http.get(`${COPIES}?${query.toString()}`, WormCopyList);
    cli.print(json ?? false, list, ({ copies }) =>
      formatTable(
        ['id', 'state', 'repository', 'digest', 'size', 'locked until', 'read back'],
        copies.map(toRow),
      ),
    );
  });
}

function toRow(copy: WormCopyView): readonly string[] {
  const { id, state, repository, digest, bytes, lockUntil, verifiedAt } = copy;
  const size = bytes > 0 ? formatSize(bytes) : '-';
  return [id, state, repository, shortenDigest(digest), size, lockUntil, verifiedAt ?? '-'];
}
