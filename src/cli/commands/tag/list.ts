import type { Command } from 'commander';
import { TagList } from '../../../contract/schema/api-tag';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { summariseBlock } from '../../output/quarantine';
import { shortenDigest } from '../../output/style';
import { formatTable } from '../../output/table';
import { resolveRepository } from '../../references';

interface Options extends JsonOption {
  readonly after?: string;
  readonly limit: string;
}

export function addTagsList(parent: Command, cli: Cli): void {
  const command = parent
    .command('list <repository>')
    .option('--after <tag>', 'from the tag after this one')
    .option('--limit <n>', 'at most this many', parseCount, '100');
  describe(command, 'List the tags of a repository or service, quarantined ones too', [
    'reg tags list checkout',
    'reg tags list charts/checkout --json',
  ]).action(async (name: string, { after, limit, json }: Options) => {
    const http = await cli.connect();
    const repository = await resolveRepository(http, name);
    const page = { repository, limit, ...(after !== undefined && { after }) };
    const query = new URLSearchParams(page).toString();
    const list = await http.get(`/v1/registry/tags?${query}`, TagList);
    cli.print(json ?? false, list, (one) => format(one, name));
  });
}

function format({ tags, next }: TagList, name: string): string {
  const table = formatTable(
    ['tag', 'digest', 'by', 'pushed', 'pulled', 'quarantine'],
    tags.map((one) => [
      one.tag,
      shortenDigest(one.digest),
      one.pushedBy,
      one.pushedAt,
      one.lastPulledAt ?? '-',
      summariseBlock(one.digest, one.block),
    ]),
  );
  return next === null ? table : `${table}more: plura reg tags list ${name} --after ${next}\n`;
}
