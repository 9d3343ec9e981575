import type { Command } from 'commander';
import { BaseUsage } from '../../../contract/schema/api-base-usage';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import type { Paint } from '../../output/style';
import { formatTable } from '../../output/table';
import { BASES } from './path';

interface Options extends JsonOption {
  readonly old?: boolean;
  readonly limit: string;
}

type Use = BaseUsage['uses'][number];

const SHORT_DIGEST = 'sha256:'.length + 12;

export function addBaseUsage(parent: Command, cli: Cli): void {
  const command = parent
    .command('usage [base-or-service]')
    .option('--old', 'only what stands on a base that is no longer the newest')
    .option('--limit <n>', 'at most this many', parseCount, '200');
  describe(command, 'Which images stand on which base; old ones are marked', [
    'reg base usage',
    'reg base usage bases/static --old',
    'reg base usage checkout --json',
  ]).action(async (of: string | undefined, { old, limit, json }: Options) => {
    const http = await cli.connect();
    const query = new URLSearchParams({ limit, ...(of !== undefined && { of }) }).toString();
    const { uses } = await http.get(`${BASES}/usage?${query}`, BaseUsage);
    const shown = old ? uses.filter(({ standing }) => standing !== 'newest') : uses;
    cli.print(json ?? false, { uses: shown }, (one) => formatUses(one.uses, cli.paint));
  });
}

function formatUses(uses: readonly Use[], paint: Paint): string {
  if (uses.length === 0) return 'Nothing stands on it.\n';
  const headers = ['', 'service', 'release', 'image', 'base', 'which is'];
  return formatTable(
    headers,
    uses.map(({ svc, releaseId, digest, stable, base, standing }) => [
      standing === 'newest' ? ' ' : paint.yellow('!'),
      svc,
      stable ? `${releaseId} (stable)` : releaseId,
      digest.slice(0, SHORT_DIGEST),
      `${base.repository}@${base.digest.slice(0, SHORT_DIGEST)}`,
      standing,
    ]),
  );
}
