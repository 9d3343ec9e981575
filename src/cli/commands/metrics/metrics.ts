import { Option, type Command } from 'commander';
import { MetricsAnswer } from '../../../contract/schema/api-metrics';
import { BREAKDOWNS } from '../../../domain/accounting/figures';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { formatMetrics } from '../../output/metrics';

interface Options extends JsonOption {
  readonly repo?: string;
  readonly by: string;
  readonly limit: string;
}

export function addMetrics(parent: Command, cli: Cli): void {
  const command = parent
    .command('metrics')
    .option('--repo <repository>', 'of one repository; of all without it')
    .addOption(
      new Option('--by <what>', 'what is stored, by').choices(BREAKDOWNS).default('service'),
    )
    .option('--limit <n>', 'so many of these, the largest first', parseCount, '50');
  describe(command, "Show the standard's metrics with their targets, and what is stored by whom", [
    'reg metrics',
    'reg metrics --by team',
    'reg metrics --repo apps/checkout/checkout --json',
  ]).action(async ({ repo, by, limit, json }: Options) => {
    const http = await cli.connect();
    const query = new URLSearchParams({ by, limit, ...(repo !== undefined && { repo }) });
    const answer = await http.get(`/v1/registry/metrics?${query.toString()}`, MetricsAnswer);
    cli.print(json ?? false, answer, (one) => formatMetrics(one, cli.paint));
  });
}
