import type { Command } from 'commander';
import { WhatIfAnswer, type WhatIfChange } from '../../../contract/schema/api-verdict';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { displayRelease } from '../../output/style';
import { formatTable } from '../../output/table';
import { plain } from './plain-text';
import { readRulesFile } from './rules-file';

interface Options extends JsonOption {
  readonly policy: string;
  readonly days: string;
  readonly service?: string;
}

const WORDS: Record<WhatIfChange['change'], string> = {
  stopped: 'be stopped',
  'goes-on': 'go on',
  unknown: 'not known',
};

export function addVerdictWhatIf(parent: Command, cli: Cli): void {
  const command = parent
    .command('what-if')
    .requiredOption('--policy <file>', 'a policy or a plan: its guardrails and its judge')
    .option('--days <n>', 'releases asked for in so many days', parseCount, '30')
    .option('--service <service>', 'of one service');
  describe(command, 'Judge stored releases again by other rules and say which would have changed', [
    'reg verdict what-if --policy stricter.yaml',
    'reg verdict what-if --policy canary.yaml --days 90 --service checkout --json',
  ]).action(async ({ policy, days, service, json }: Options) => {
    const rules = await readRulesFile(cli.context.cwd, policy);
    const http = await cli.connect();
    const request = {
      rules,
      days: Number(days),
      ...(service !== undefined && { svc: service }),
    };
    const answer = await http.post('/v1/registry/verdicts/what-if', request, WhatIfAnswer);
    cli.print(json ?? false, answer, (one) => format(one, days));
  });
}

function format(answer: WhatIfAnswer, days: string): string {
  const { summary, changes, releases, truncated, notes } = answer;
  const table = formatTable(
    ['release', 'was', 'would', 'at', 'why'],
    changes.map((one) => [
      displayRelease(one.releaseId),
      one.was,
      WORDS[one.change],
      plain(one.window),
      plain(one.why),
    ]),
  );
  const newest = truncated ? 'the newest ' : '';
  return [
    ...(changes.length === 0 ? [] : [table]),
    `${newest}${releases} releases of ${days} days: ${summary.unchanged} unchanged, ` +
      `${summary.stopped} would be stopped, ${summary.goesOn} would go on, ${summary.unknown} not known`,
    ...notes.map((note) => `  ${plain(note)}`),
    '',
  ].join('\n');
}
