import { tagGoes } from './causes';
import { newestReleases } from './newest';
import type { BudgetBreach, PlanItem } from './plan';
import { retentionOf } from './retention';
import type { Settled } from './settle';
import { byte, int } from './typed';

export interface Spent {
  readonly items: readonly PlanItem[];
  readonly bytes: number;
  /** The longest time since the last plan in which pushes or pulls may have gone unseen. */
  readonly eventGapMs: number;
}

const MAX_BREACHES = 100;
const HOUR_MS = 3_600_000;

/** Where a plan goes beyond the budget, and what it was made without. Of each rule at most 100, the worst. */
export function breachesOf(settled: Settled, spent: Spent): readonly BudgetBreach[] {
  const { facts, policy } = settled.question;
  const { budget } = retentionOf(policy);
  const whole = { repository: null };
  const hours = (ms: number): string => `${Math.round((ms / HOUR_MS) * 10) / 10} h`;
  return [
    ...facts.missing.map((why): BudgetBreach => ({
      ...whole,
      rule: 'sources',
      found: facts.missing.length,
      limit: 0,
      why: `Nothing is planned: ${why}`,
    })),
    ...over(spent.items.length, budget.maxItems, (found, limit) => ({
      ...whole,
      rule: 'items',
      why: `It deletes ${found} tags and manifests, more than ${limit}`,
    })),
    ...over(spent.bytes, budget.maxBytes, (found, limit) => ({
      ...whole,
      rule: 'bytes',
      why: `It frees ${found} bytes, more than ${limit}`,
    })),
    ...over(spent.eventGapMs, budget.maxEventGapMs, (found, limit) => ({
      ...whole,
      rule: 'event-gap',
      why: `Pushes and pulls may have gone unseen for ${hours(found)}, longer than ${hours(limit)}`,
    })),
    ...worst(sharesOf(settled, spent.items, budget.maxRepositoryShare)),
    ...worst(releasesOf(settled, spent.items, budget.protectLastReleases)),
  ];
}

function over(
  found: number,
  limit: number,
  breach: (found: number, limit: number) => Omit<BudgetBreach, 'found' | 'limit'>,
): readonly BudgetBreach[] {
  return found > limit ? [{ ...breach(found, limit), found, limit }] : [];
}

function worst(breaches: readonly BudgetBreach[]): readonly BudgetBreach[] {
  return [...breaches].sort((a, b) => b.found - a.found).slice(0, MAX_BREACHES);
}

function sharesOf(
  { question: { graph } }: Settled,
  items: readonly PlanItem[],
  limit: number,
): readonly BudgetBreach[] {
  const planned = new Map<string, number>();
  for (const { kind, repository } of items) {
    if (kind === 'manifest') planned.set(repository, (planned.get(repository) ?? 0) + 1);
  }
  return [...planned].flatMap(([repository, count]) => {
    const all = int(graph.counts.manifestsOf, graph.repositories.get(repository));
    return over(count / all, limit, (found) => ({
      rule: 'repository-share',
      repository,
      why: `It deletes ${count} of the ${all} manifests of ${repository}, ${percent(found)}`,
    }));
  });
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}

function releasesOf(
  settled: Settled,
  items: readonly PlanItem[],
  protect: number,
): readonly BudgetBreach[] {
  const { question, rules, tagCauses } = settled;
  const { graph } = question;
  const touched = new Set(
    items.flatMap(({ kind, repository }) => (kind === 'tag' ? [repository] : [])),
  );
  return [...touched].flatMap((repository) => {
    const id = graph.repositories.get(repository);
    if (!rules[id]?.releases) return [];
    const going = newestReleases(graph, id, protect).filter((tag) => tagGoes(byte(tagCauses, tag)));
    return over(going.length, 0, (found) => ({
      rule: 'last-releases',
      repository,
      why: `It deletes ${found} of the newest ${protect} releases of ${repository}: ${going.map((tag) => graph.tag.names.text(tag)).join(', ')}`,
    }));
  });
}
