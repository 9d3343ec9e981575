import type { Command } from 'commander';
import { GcItemList, GcPlanDetail } from '../../../contract/schema/api-gc';
import { describe, type Cli, type JsonOption } from '../../cli';
import type { HttpClient } from '../../http-client';
import { formatItem } from './format-item';
import { formatPlan } from './format-plan';
import { planPath } from './path';

interface Options extends JsonOption {
  readonly items?: boolean;
}

const PAGE = 1000;

export function addGcShow(parent: Command, cli: Cli): void {
  const command = parent
    .command('show <plan>')
    .option('--items', 'with every item, its evidence, and what became of it');
  describe(command, 'Show a plan: what it deletes, by which rules, and why it may not run', [
    'reg gc show gc-5f0d…',
    'reg gc show gc-5f0d… --items --json',
  ]).action(async (id: string, { items = false, json = false }: Options) => {
    const http = await cli.connect();
    const plan = await http.get(planPath(id), GcPlanDetail);
    if (!items) {
      cli.print(json, plan, (one) => formatPlan(one, cli.paint));
      return;
    }
    if (!json) cli.context.stdout.write(formatPlan(plan, cli.paint));
    const all: GcItemList['items'][number][] = [];
    for await (const page of pagesOf(http, id)) {
      // A plan may have half a million: for people each page is shown as it comes.
      if (json) all.push(...page);
      else cli.context.stdout.write(page.map((one) => `${formatOutcome(one)}\n`).join(''));
    }
    if (json) cli.print(true, { ...plan, items: all }, () => '');
  });
}

async function* pagesOf(http: HttpClient, id: string): AsyncGenerator<GcItemList['items']> {
  for (let from: number | null = 0; from !== null;) {
    const query = new URLSearchParams({ from: String(from), limit: String(PAGE) }).toString();
    const page: GcItemList = await http.get(`${planPath(id, 'items')}?${query}`, GcItemList);
    yield page.items;
    from = page.next;
  }
}

function formatOutcome({ outcome, ...item }: GcItemList['items'][number]): string {
  if (!outcome) return formatItem(item);
  const why = outcome.reason === null ? '' : `: ${outcome.reason}`;
  return `${formatItem(item)} [${outcome.outcome}${why}]`;
}
