import type { Command } from 'commander';
import { WormCopyView } from '../../../contract/schema/api-worm';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatCopy } from './format-copy';
import { copyPath } from './path';

export function addHoldShow(parent: Command, cli: Cli): void {
  describe(parent.command('show <id>'), 'Show an incident copy, and what is wrong with it', [
    'reg hold show 0123456789abcdef',
  ]).action(async (id: string, { json }: JsonOption) => {
    const http = await cli.connect();
    const copy = await http.get(copyPath(id), WormCopyView);
    cli.print(json ?? false, copy, (one) => formatCopy(one, cli.paint));
  });
}
