import type { Command } from 'commander';
import { DrillList } from '../../../contract/schema/api-drill';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { formatTable } from '../../output/table';
import { describeCompleteness, formatMs, paintOutcome } from './format-drill';
import { DRILLS } from './path';

interface Options extends JsonOption {
  readonly svc?: string;
  readonly limit: string;
}

export function addDrillList(parent: Command, cli: Cli): void {
  const command = parent
    .command('list')
    .option('--svc <service>', 'those of this service')
    .option('--limit <n>', 'at most this many', parseCount, '20');
  describe(command, 'List rollback drills, newest first, and when the next one begins', [
    'reg drill list',
    'reg drill list --svc drill --json',
  ]).action(async ({ svc, limit, json }: Options) => {
    const http = await cli.connect();
    const query = new URLSearchParams({ limit, ...(svc !== undefined && { svc }) });
    const list = await http.get(`${DRILLS}?${query.toString()}`, DrillList);
    cli.print(json ?? false, list, (one) => format(one, cli));
  });
}

function format({ schedule, running, reports }: DrillList, { paint }: Cli): string {
  const rows = reports.map((report) => [
    report.id,
    paintOutcome(report.outcome, paint),
    String(report.n),
    formatMs(report.p50Ms),
    formatMs(report.p95Ms),
    formatMs(report.maxMs),
    describeCompleteness(report),
  ]);
  const head = ['drill', 'outcome', 'n', 'p50', 'p95', 'max', 'targets'];
  return `${describeSchedule(schedule, running)}\n${formatTable(head, rows)}`;
}

function describeSchedule(schedule: DrillList['schedule'], running: DrillList['running']): string {
  if (running !== null) return `under way: ${running}`;
  if (!schedule) return 'no Schedule yet: the release worker makes it';
  return schedule.paused ? 'paused' : `next at ${schedule.nextAt ?? '-'}`;
}
