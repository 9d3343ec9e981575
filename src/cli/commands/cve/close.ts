import { Option, type Command } from 'commander';
import { CaseView } from '../../../contract/schema/api-advisory';
import { JUSTIFICATIONS } from '../../../domain/advisories/case';
import { describe, type Cli, type JsonOption } from '../../cli';
import { requireConsent } from '../../consent';
import { advisoryPath } from './path';

interface Options extends JsonOption {
  readonly justification: string;
  readonly reason: string;
  readonly until?: string;
  readonly yes?: boolean;
}

export function addCveClose(parent: Command, cli: Cli): void {
  const command = parent
    .command('close <advisory>')
    .addOption(
      new Option('--justification <why>', 'as OpenVEX names it, or an exception')
        .choices(JUSTIFICATIONS)
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'how that is known; it is recorded')
    .option('--until <time>', 'RFC 3339: how long it holds; needed for an exception')
    .option('--yes', 'do not ask');
  describe(command, 'Close a case as not affected, and free what it blocked (security)', [
    'reg cve close CVE-2026-1234 --justification vulnerable_code_not_in_execute_path --reason "the parser is never called"',
    'reg cve close CVE-2026-1234 --justification exception --until 2026-12-01T12:00:00Z --reason "exception 4f2a"',
  ]).action(async (advisory: string, { yes, json, ...body }: Options) => {
    const http = await cli.connect();
    const question = `Close ${advisory} as not affected, and free what it blocked?`;
    await requireConsent(cli.context, yes, question);
    const one = await http.post(advisoryPath(advisory, 'close'), body, CaseView);
    cli.print(
      json ?? false,
      one,
      ({ closedAt }) => `${advisory} is closed since ${closedAt ?? ''}\n`,
    );
  });
}
