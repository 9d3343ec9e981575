import type { Command } from 'commander';
import { WormRunAnswer } from '../../../contract/schema/api-worm';
import { describe, type Cli, type JsonOption } from '../../cli';
import { copyPath } from './path';

interface Options extends JsonOption {
  readonly to?: string;
  readonly tags?: boolean;
}

export function addHoldRestore(parent: Command, cli: Cli): void {
  const command = parent
    .command('restore <id>')
    .option('--to <repository>', 'instead of where it was')
    .option('--tags', 'give the tags back that pointed at it there');
  describe(command, 'Put an incident copy back into the registry, by digest', [
    'reg hold restore 0123456789abcdef',
    'reg hold restore 0123456789abcdef --to apps/checkout/evidence --tags',
  ]).action(async (id: string, { to, tags, json }: Options) => {
    const http = await cli.connect();
    const body = { tags: tags ?? false, ...(to !== undefined && { repository: to }) };
    const run = await http.post(copyPath(id, 'restore'), body, WormRunAnswer);
    cli.print(json ?? false, run, ({ started }) =>
      started
        ? `${id} is being put back; Temporal Web UI shows how far: worm-restore/${id}\n`
        : `${id} is being put back already\n`,
    );
  });
}
