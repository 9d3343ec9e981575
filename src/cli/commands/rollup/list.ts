import type { Command } from 'commander';
import { RollupList } from '../../../contract/schema/api-rollup';
import { describeCause } from '../../../domain/rollup/report';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { scheduleLine } from '../../output/schedule';
import { formatTable } from '../../output/table';
import { ROLLUPS } from './path';

interface Options extends JsonOption {
  readonly limit: string;
}

export function addRollupList(parent: Command, cli: Cli): void {
  const command = parent
    .command('list')
    .option('--limit <n>', 'at most this many', parseCount, '20');
  describe(command, 'List rollups, newest first, and when the next one begins', [
    'reg rollup list',
    'reg rollup list --limit 3 --json',
  ]).action(async ({ limit, json }: Options) => {
    const http = await cli.connect();
    const list = await http.get(`${ROLLUPS}?limit=${limit}`, RollupList);
    cli.print(json ?? false, list, format);
  });
}

function format({ schedule, rollups }: RollupList): string {
  const rows = rollups.map(({ id, outcome, paused, startedAt, counts, cause }) => [
    id,
    outcome ?? (paused ? 'paused' : 'under way'),
    startedAt,
    String(counts.released + counts.unchanged),
    String(counts.failed),
    String(counts.held),
    describeCause(cause),
  ]);
  const head = ['rollup', 'outcome', 'started', 'released', 'failed', 'held', 'because of'];
  return `${scheduleLine(schedule, 'release')}\n${formatTable(head, rows)}`;
}
