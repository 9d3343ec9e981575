import type { Command } from 'commander';
import { ExceptionView } from '../../../contract/schema/api-exception';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatException } from './format-exception';
import { exceptionPath } from './path';

interface Options extends JsonOption {
  readonly reason: string;
}

export function addExceptionApprove(parent: Command, cli: Cli): void {
  const command = parent
    .command('approve <id>')
    .requiredOption('--reason <text>', 'why; it is recorded');
  describe(
    command,
    'Let an exception count; neither who asked for it nor its owner may. A failed scan is made anew by: plura reg rescan SERVICE',
    ['reg exception approve 3f2a9c1d0b7e4a55 --reason "not reachable, I looked at the code"'],
  ).action(async (id: string, { reason, json }: Options) => {
    const http = await cli.connect();
    const path = `${exceptionPath(id)}/approve`;
    const exception = await http.post(path, { reason }, ExceptionView);
    cli.print(json ?? false, exception, (one) => formatException(one, cli.paint));
  });
}
