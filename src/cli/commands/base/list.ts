import type { Command } from 'commander';
import { BaseList, type BaseView, type FamilyView } from '../../../contract/schema/api-base';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatTable } from '../../output/table';
import { shortenDigest } from '../../output/style';
import { BASES } from './path';

interface Options extends JsonOption {
  readonly all?: boolean;
}

function familyRow({ name, source, channel, signature, newest }: FamilyView): readonly string[] {
  const held = newest ? `${newest.version} of ${newest.importedAt.slice(0, 10)}` : 'not imported';
  return [name, `${source}:${channel}`, signature, held, shortenDigest(newest?.digest)];
}

function baseRow(base: BaseView): readonly string[] {
  const { repository, tag, digest, verifiedBy, importedBy, importedAt, withdrawnAt } = base;
  const state = withdrawnAt === null ? '' : `withdrawn ${withdrawnAt}`;
  return [`${repository}:${tag}`, digest, verifiedBy, importedBy, importedAt, state];
}

export function addBaseList(parent: Command, cli: Cli): void {
  const command = parent
    .command('list [family]')
    .option('--all', 'every import, with its digest and what it was verified by');
  describe(command, 'List the families of bases, and what builds start from of each', [
    'reg base list',
    'reg base list alpine --all',
    'reg base list --json',
  ]).action(async (family: string | undefined, { all, json }: Options) => {
    const http = await cli.connect();
    const query = family === undefined ? '' : `?${new URLSearchParams({ family }).toString()}`;
    const list = await http.get(`${BASES}${query}`, BaseList);
    cli.print(json ?? false, list, ({ families, bases }) =>
      all
        ? formatTable(['mirror', 'digest', 'verified by', 'by', 'imported', ''], bases.map(baseRow))
        : formatTable(['family', 'source', 'signature', 'held', 'digest'], families.map(familyRow)),
    );
  });
}
