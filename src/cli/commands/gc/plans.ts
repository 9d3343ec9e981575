import type { Command } from 'commander';
import { GcPlanList, type GcPlanView } from '../../../contract/schema/api-gc';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { formatBytes } from '../../output/bytes';
import { scheduleLine } from '../../output/schedule';
import { formatTable } from '../../output/table';
import { PLANS } from './path';

interface Options extends JsonOption {
  readonly repo?: string;
  readonly limit: string;
}

export function addGcPlans(parent: Command, cli: Cli): void {
  const command = parent
    .command('plans')
    .option('--repo <repository>', 'those of one repository')
    .option('--limit <count>', 'so many', parseCount, '20');
  describe(command, 'List plans and what became of them, newest first', [
    'reg gc plans',
    'reg gc plans --repo apps/checkout/checkout',
  ]).action(async ({ repo, limit, json }: Options) => {
    const http = await cli.connect();
    const query = new URLSearchParams({ limit, ...(repo !== undefined && { repo }) }).toString();
    const list = await http.get(`${PLANS}?${query}`, GcPlanList);
    cli.print(json ?? false, list, formatPlans);
  });
}

function formatPlans({ schedule, plans }: GcPlanList): string {
  const line = `${scheduleLine(schedule, 'release')}\n`;
  if (plans.length === 0) return `${line}no plan yet: plura reg gc --dry-run\n`;
  const head = ['plan', 'made', 'by', 'scope', 'state', 'tags', 'manifests', 'frees', 'deleted'];
  return `${line}${formatTable(head, plans.map(toRow))}`;
}

function toRow({ id, madeAt, madeBy, repository, state, totals, settled }: GcPlanView): string[] {
  return [
    ...[id, madeAt, madeBy, repository ?? 'all', state],
    ...[String(totals.deleteTags), String(totals.deleteManifests), formatBytes(totals.freeBytes)],
    String(settled.deleted),
  ];
}
