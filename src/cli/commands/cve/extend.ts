import type { Command } from 'commander';
import { CaseView } from '../../../contract/schema/api-advisory';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatRemaining } from './format-case';
import { advisoryPath } from './path';

interface Options extends JsonOption {
  readonly by: string;
  readonly reason: string;
}

export function addCveExtend(parent: Command, cli: Cli): void {
  const command = parent
    .command('extend <advisory>')
    .requiredOption('--by <duration>', 'added to when it is due, such as 12h')
    .requiredOption('--reason <text>', 'why; it is recorded');
  describe(command, 'Add to the clock of an open case, once (security)', [
    'reg cve extend CVE-2026-1234 --by 12h --reason "no fix upstream before tonight"',
  ]).action(async (advisory: string, { by, reason, json }: Options) => {
    const http = await cli.connect();
    const one = await http.post(advisoryPath(advisory, 'extend'), { by, reason }, CaseView);
    cli.print(
      json ?? false,
      one,
      ({ dueAt, remainingMs }) => `due ${dueAt}, ${formatRemaining(remainingMs, cli.paint)}\n`,
    );
  });
}
