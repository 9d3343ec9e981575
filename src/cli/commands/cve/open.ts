import type { Command } from 'commander';
import { ERRORS } from '../../../contract/errors';
import { CaseList } from '../../../contract/schema/api-advisory';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { formatCases } from './format-case';
import { ADVISORIES } from './path';

interface Options extends JsonOption {
  readonly all?: boolean;
  readonly limit: string;
}

export function addCveOpen(parent: Command, cli: Cli): void {
  const command = parent
    .command('open')
    .option('--all', 'closed ones too')
    .option('--limit <n>', 'at most this many', parseCount, '100');
  describe(
    command,
    `List open cases of advisories, soonest due first; exits with ${ERRORS.GATE_FAILED.exit} when one is overdue`,
    ['reg cve open', 'reg cve open --all --json'],
  ).action(async ({ all, limit, json }: Options) => {
    const http = await cli.connect();
    const query = new URLSearchParams({ limit, state: all === true ? 'all' : 'open' });
    const list = await http.get(`${ADVISORIES}?${query.toString()}`, CaseList);
    cli.print(json ?? false, list, ({ cases }) => formatCases(cases, cli.paint));
    const overdue = list.cases.some(({ remainingMs }) => remainingMs !== null && remainingMs < 0);
    if (overdue) cli.exitWith(ERRORS.GATE_FAILED.exit);
  });
}
