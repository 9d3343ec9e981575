import type { Command } from 'commander';
import { BaseWithdrawn } from '../../../contract/schema/api-base';
import { describe, type Cli, type JsonOption } from '../../cli';
import { BASES } from './path';

interface Options extends JsonOption {
  readonly reason: string;
}

export function addBaseWithdraw(parent: Command, cli: Cli): void {
  const command = parent
    .command('withdraw <family> <digest>')
    .requiredOption('--reason <text>', 'why; it is recorded');
  describe(
    command,
    'Let no build start from an imported base any more, for good; what was built stays',
    ['reg base withdraw alpine sha256:… --reason "the vendor called it back"'],
  ).action(async (family: string, digest: string, { reason, json }: Options) => {
    const http = await cli.connect();
    const body = { family, digest, reason };
    const withdrawn = await http.post(`${BASES}/withdrawals`, body, BaseWithdrawn);
    cli.print(
      json ?? false,
      withdrawn,
      ({ repository }) => `no build starts from ${repository}@${digest} any more\n`,
    );
  });
}
