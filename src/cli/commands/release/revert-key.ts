import type { Command } from 'commander';
import { RevertKeyAnswer } from '../../../contract/schema/api-release';
import { describe, type Cli, type JsonOption } from '../../cli';
import { releasePath } from '../../references';

export function addRevertKey(parent: Command, cli: Cli): void {
  describe(
    parent.command('revert-key <release>'),
    'Show the key that undoes the pin of a release, once',
    ['reg revert-key checkout/1.4.0_3f2a9c1'],
  ).action(async (release: string, { json }: JsonOption) => {
    const http = await cli.connect();
    const key = await http.get(releasePath(release, 'revert-key'), RevertKeyAnswer);
    cli.print(json ?? false, key, (one) => {
      const used = one.usedAt === null ? `until ${one.expiresAt}` : `used at ${one.usedAt}`;
      return `key   ${one.revertKey}\nfrom  ${one.from}\nto    ${one.to}\n${used}\n`;
    });
  });
}
