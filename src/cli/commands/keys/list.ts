import type { Command } from 'commander';
import { KeyList, type KeyView } from '../../../contract/schema/api-key';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatTable } from '../../output/table';

export function addKeysList(parent: Command, cli: Cli): void {
  describe(parent.command('list'), 'List keys with their versions, and which of them count', [
    'reg keys list',
    'reg keys list --json',
  ]).action(async ({ json }: JsonOption) => {
    const http = await cli.connect();
    const list = await http.get('/v1/registry/keys', KeyList);
    cli.print(json ?? false, list, ({ keys }) =>
      formatTable(['key', 'version', 'from', 'until', 'state'], keys.flatMap(toRows)),
    );
  });
}

function toRows({ keyId, versions, problem }: KeyView): readonly (readonly string[])[] {
  if (problem !== null) return [[keyId, '-', '-', '-', problem]];
  return versions.map(({ version, notBefore, notAfter, state }) => [
    keyId,
    version,
    notBefore ?? '-',
    notAfter ?? '-',
    state,
  ]);
}
