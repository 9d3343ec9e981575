import type { Command } from 'commander';
import { ExceptionView } from '../../../contract/schema/api-exception';
import { describe, type Cli, type JsonOption } from '../../cli';
import { requireConsent } from '../../consent';
import { exceptionPath } from './path';

interface Options extends JsonOption {
  readonly reason: string;
  readonly yes?: boolean;
}

export function addExceptionRevoke(parent: Command, cli: Cli): void {
  const command = parent
    .command('revoke <id>')
    .requiredOption('--reason <text>', 'why; it is recorded')
    .option('--yes', 'do not ask');
  describe(
    command,
    'Let an exception cover nothing any more: what passed by it is refused within seconds',
    ['reg exception revoke 3f2a9c1d0b7e4a55 --reason "an exploit is out" --yes'],
  ).action(async (id: string, { reason, yes, json }: Options) => {
    const http = await cli.connect();
    await requireConsent(cli.context, yes, `Refuse what passed by exception ${id}?`);
    const exception = await http.post(`${exceptionPath(id)}/revoke`, { reason }, ExceptionView);
    cli.print(json ?? false, exception, (one) => `exception ${one.id} covers nothing any more\n`);
  });
}
