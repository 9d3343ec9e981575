import { createHash } from 'node:crypto';
import type { GcGraph } from '../../../src/domain/gc/graph';
import { planGc } from '../../../src/domain/gc/make-plan';
import type { GcPlan, PlanItem } from '../../../src/domain/gc/plan';
import { retentionOf, type GcPolicy } from '../../../src/domain/gc/retention';
import { graphBackwards, graphOf, type InventoryRows } from './inventory-rows';
import { modelOf } from './model';
import { NOW, OPEN, type RandomRegistry } from './random-registry';

export function policyOf({ windows, keepLast, graceMs }: RandomRegistry): GcPolicy {
  return {
    registry: { open: OPEN },
    retention: { ...retentionOf({}), windows, keepLast, untaggedGraceMs: graceMs },
  };
}

export function sha256(text: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const chunk of text) hash.update(chunk);
  return hash.digest('hex');
}

export function planOf(registry: RandomRegistry, graph: GcGraph): GcPlan {
  const { roots, reaches, missing } = registry;
  return planGc({
    graph,
    facts: { roots, reaches, missing },
    policy: policyOf(registry),
    policyHash: 'sha256:0',
    repository: null,
    nowMs: NOW,
    eventGapMs: 0,
    sha256,
  });
}

const keyOf = (repository: string, name: string): string => `${repository} ${name}`;

/** The registry once all items are done, as its own inventory would tell. */
export function without(rows: InventoryRows, items: readonly PlanItem[]): InventoryRows {
  const tags = new Set<string>();
  const manifests = new Set<string>();
  for (const { repository, tag, digest } of items) {
    if (tag === null) manifests.add(keyOf(repository, digest));
    else tags.add(keyOf(repository, tag));
  }
  return {
    manifests: rows.manifests.filter((row) => !manifests.has(keyOf(row.repository, row.digest))),
    edges: rows.edges.filter((row) => !manifests.has(keyOf(row.repository, row.parent))),
    tags: rows.tags.filter((row) => !tags.has(keyOf(row.repository, row.tag))),
    blobs: rows.blobs,
    gaps: rows.gaps,
  };
}

const sorted = (keys: Iterable<string>): string => [...keys].sort().join('\n');

/** What is wrong with the plan of a registry; empty when all of it holds. */
export function faultsOf(registry: RandomRegistry, alsoBackwards: boolean): readonly string[] {
  const faults: string[] = [];
  const plan = planOf(registry, graphOf(registry));
  const model = modelOf(registry);
  const planned = (kind: PlanItem['kind']): readonly string[] =>
    plan.items
      .filter((item) => item.kind === kind)
      .map(({ repository, tag, digest }) => keyOf(repository, tag ?? digest));
  const [tags, manifests] = [planned('tag'), planned('manifest')];

  if (sorted(tags) !== sorted(model.tags)) faults.push('tags differ from the model');
  if (sorted(manifests) !== sorted(model.manifests)) faults.push('manifests differ from the model');
  if (plan.totals.freeBytes !== model.freeBytes) faults.push('bytes differ from the model');
  if (plan.items.reduce((sum, { bytes }) => sum + bytes, 0) !== plan.totals.freeBytes) {
    faults.push('bytes of the items are not those of the plan');
  }
  faults.push(...orderFaults(registry, plan), ...lossFaults(registry, plan));
  if (plan.items.length > 0) {
    const left = { ...registry, ...without(registry, plan.items) };
    const second = planOf(left, graphOf(left));
    if (second.items.length > 0) faults.push('a second plan after the first is not empty');
  }
  if (alsoBackwards && planOf(registry, graphBackwards(registry)).id !== plan.id) {
    faults.push('the plan depends on the order of the rows');
  }
  return faults;
}

function orderFaults({ edges, tags, manifests }: RandomRegistry, plan: GcPlan): readonly string[] {
  if (plan.items.length < 2) return [];
  const position = new Map(
    plan.items.map(({ repository, tag, digest, ordinal }) => [
      keyOf(repository, tag ?? digest),
      ordinal,
    ]),
  );
  const isBefore = (first: string, second: string): boolean => {
    const [left, right] = [position.get(first), position.get(second)];
    return left === undefined || right === undefined || left < right;
  };
  const faults: string[] = [];
  for (const { repository, parent, kind, child } of edges) {
    if (kind !== 'child' || isBefore(keyOf(repository, parent), keyOf(repository, child))) continue;
    faults.push('a child goes before the index that names it');
  }
  for (const { repository, tag, digest } of tags) {
    if (isBefore(keyOf(repository, tag), keyOf(repository, digest))) continue;
    faults.push('a manifest goes before a tag that points at it');
  }
  // Cycles, where no order is right: by tags sha256-HEX, and by an index that is attached to what it names.
  const canCycle =
    tags.some(({ tag }) => tag.startsWith('sha256-')) ||
    manifests.some(
      ({ digest, subject }) =>
        subject !== null && edges.some(({ parent, kind }) => parent === digest && kind === 'child'),
    );
  for (const { repository, digest, subject } of manifests) {
    if (canCycle || subject === null) continue;
    if (isBefore(keyOf(repository, subject), keyOf(repository, digest))) continue;
    faults.push('what is attached goes before its subject');
  }
  return faults;
}

/** Whatever the rules say: what a root or a tag that stays leads to, down and by reference, is whole afterwards. */
function lossFaults(registry: RandomRegistry, plan: GcPlan): readonly string[] {
  const left = without(registry, plan.items);
  const gone = new Set(
    plan.items.flatMap(({ kind, repository, digest }) =>
      kind === 'manifest' ? [keyOf(repository, digest)] : [],
    ),
  );
  if (gone.size === 0) return [];
  const kept = new Set([
    ...left.tags.map(({ repository, digest }) => keyOf(repository, digest)),
    ...registry.manifests.flatMap(({ repository, digest }) =>
      registry.roots.some((root) => root.digest === digest) ? [keyOf(repository, digest)] : [],
    ),
  ]);
  for (const key of kept) {
    for (const { repository, parent, kind, child } of registry.edges) {
      if (kind === 'child' && keyOf(repository, parent) === key) kept.add(keyOf(repository, child));
    }
    for (const { repository, digest, subject } of registry.manifests) {
      if (subject !== null && keyOf(repository, subject) === key)
        kept.add(keyOf(repository, digest));
    }
    for (const { repository, tag, digest } of registry.tags) {
      const subject = `sha256:${tag.slice(7, 71)}`;
      if (tag.startsWith('sha256-') && keyOf(repository, subject) === key) {
        kept.add(keyOf(repository, digest));
      }
    }
  }
  return [...kept].some((key) => gone.has(key)) ? ['something that is in use goes'] : [];
}
