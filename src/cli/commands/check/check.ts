import { Option, type Command } from 'commander';
import { ChecksView } from '../../../contract/schema/api-check';
import { RunStartAnswer } from '../../../contract/schema/api-schedule';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { formatChecks } from '../../output/check';

interface Options extends JsonOption {
  readonly now?: boolean;
  readonly limit: string;
}

const PATH = '/v1/registry/checks';

export function addCheck(parent: Command, cli: Cli): void {
  const command = parent
    .command('check [service]')
    .option('--now', 'start a run now, of every service; at most one is under way')
    .addOption(new Option('--limit <n>', 'at most this many').argParser(parseCount).default('100'));
  describe(command, 'Show what the check of what runs found, and did by itself', [
    'reg check',
    'reg check checkout --json',
    'reg check --now',
  ]).action(async (service: string | undefined, { now, limit, json }: Options) => {
    const http = await cli.connect();
    if (now) {
      const answer = await http.post(PATH, {}, RunStartAnswer);
      cli.print(json ?? false, answer, ({ started, running }) =>
        started ? 'Started; see: plura reg check\n' : `Under way already: ${running ?? ''}\n`,
      );
      return;
    }
    const query = new URLSearchParams({ limit, ...(service !== undefined && { svc: service }) });
    const view = await http.get(`${PATH}?${query.toString()}`, ChecksView);
    cli.print(json ?? false, view, (one) => formatChecks(one, cli.paint));
  });
}
