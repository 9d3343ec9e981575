import type { Command } from 'commander';
import { GcDiffView, type GcFlipsView } from '../../../contract/schema/api-gc';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatBytes } from '../../output/bytes';
import { GC } from './path';
import { loadPolicyFile } from './policy-file';

interface Options extends JsonOption {
  readonly repo?: string;
}

const MAX_SHOWN = 50;

export function addGcDiff(parent: Command, cli: Cli): void {
  const command = parent
    .command('diff <policy-file>')
    .option('--repo <repository>', 'one repository; without it all of the registry');
  describe(
    command,
    'Show what another policy, or another section `retention`, would delete that is kept now, and the reverse',
    ['reg gc diff policy.yaml', 'reg gc diff retention.yaml --repo apps/checkout/checkout'],
  ).action(async (file: string, { repo, json }: Options) => {
    const policy = await loadPolicyFile(cli.context.cwd, file);
    const http = await cli.connect();
    const body = { policy, ...(repo !== undefined && { repo }) };
    const diff = await http.post(`${GC}/diff`, body, GcDiffView);
    cli.print(json ?? false, diff, formatDiff);
  });
}

function formatDiff({ deletes, keeps }: GcDiffView): string {
  return [
    ...formatFlips('deletes what is kept now', '-', deletes),
    ...formatFlips('keeps what goes now', '+', keeps),
    '',
  ].join('\n');
}

function formatFlips(title: string, sign: string, one: GcFlipsView): readonly string[] {
  const { tags, manifests, bytes, flips } = one;
  const more = tags + manifests - Math.min(flips.length, MAX_SHOWN);
  return [
    `${title}: ${tags} tags, ${manifests} manifests, ${formatBytes(bytes)}`,
    ...flips
      .slice(0, MAX_SHOWN)
      .map(({ repository, tag, digest, rule }) =>
        tag === null
          ? `  ${sign} ${repository}@${digest}  ${rule}`
          : `  ${sign} ${repository}:${tag}  ${rule}`,
      ),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
