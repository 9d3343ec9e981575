import type { Command } from 'commander';
import { DrillReportView } from '../../../contract/schema/api-drill';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatDrill } from './format-drill';
import { DRILLS } from './path';

export function addDrillShow(parent: Command, cli: Cli): void {
  describe(parent.command('show <drill>'), 'Show the report of a drill, step by step', [
    'reg drill show drill-20261130T040000Z',
  ]).action(async (id: string, { json }: JsonOption) => {
    const http = await cli.connect();
    const report = await http.get(`${DRILLS}/${encodeURIComponent(id)}`, DrillReportView);
    cli.print(json ?? false, report, (one) => formatDrill(one, cli.paint));
  });
}
