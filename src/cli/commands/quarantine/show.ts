import type { Command } from 'commander';
import { QuarantineView } from '../../../contract/schema/api-quarantine';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatQuarantine } from '../../output/quarantine';
import { quarantinePath } from './path';

export function addQuarantineShow(parent: Command, cli: Cli): void {
  describe(
    parent.command('show <digest>'),
    'Show whether a digest may be pulled, why not, and where it is',
    ['reg quarantine show sha256:…'],
  ).action(async (digest: string, { json }: JsonOption) => {
    const http = await cli.connect();
    const view = await http.get(quarantinePath(digest), QuarantineView);
    cli.print(json ?? false, view, (one) => formatQuarantine(one, cli.paint));
  });
}
