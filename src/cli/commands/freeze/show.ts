import type { Command } from 'commander';
import { FreezeView } from '../../../contract/schema/api-freeze';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatFreeze } from './format-freeze';
import { freezePath } from './path';

export function addFreezeShow(parent: Command, cli: Cli): void {
  describe(parent.command('show <name>'), 'Show a freeze and when it is closed next', [
    'reg freeze show weekend',
  ]).action(async (name: string, { json }: JsonOption) => {
    const http = await cli.connect();
    const freeze = await http.get(freezePath(name), FreezeView);
    cli.print(json ?? false, freeze, (one) => formatFreeze(one, cli.paint));
  });
}
