import type { Digest } from '../../../src/domain/digest';
import type { GcPlan, PlanItem } from '../../../src/domain/gc/plan';
import { recheckItem, type ItemFacts } from '../../../src/domain/gc/recheck';
import type { InventoryRows } from './inventory-rows';

interface Left {
  readonly rows: InventoryRows;
  readonly tags: Set<string>;
  readonly manifests: Set<string>;
}

const keyOf = (repository: string, name: string): string => `${repository} ${name}`;
const hexOf = (tag: string): Digest => `sha256:${tag.slice(7, 71)}`;

/** Does the items one by one, each after its last look, where nobody else does anything. Returns what was skipped, and why. */
export function execute(rows: InventoryRows, { items, madeAt }: GcPlan): readonly string[] {
  const left: Left = {
    rows,
    tags: new Set(rows.tags.map(({ repository, tag }) => keyOf(repository, tag))),
    manifests: new Set(rows.manifests.map(({ repository, digest }) => keyOf(repository, digest))),
  };
  const skipped: string[] = [];
  for (const item of items) {
    const outcome = recheckItem(item, factsOf(left, item, Date.parse(madeAt)));
    const key = keyOf(item.repository, item.tag ?? item.digest);
    if (outcome.kind === 'skip') skipped.push(`${key}: ${outcome.reason}, ${outcome.detail}`);
    else (item.kind === 'tag' ? left.tags : left.manifests).delete(key);
  }
  return skipped;
}

function factsOf(left: Left, item: PlanItem, plannedAtMs: number): ItemFacts {
  const { repository, digest } = item;
  const here = <T extends { readonly repository: string }>(all: readonly T[]): readonly T[] =>
    all.filter((row) => row.repository === repository);
  const isLeft = (one: Digest): boolean => left.manifests.has(keyOf(repository, one));
  const tags = here(left.rows.tags).filter(({ tag }) => left.tags.has(keyOf(repository, tag)));
  const manifests = here(left.rows.manifests).filter((row) => isLeft(row.digest));
  const edges = here(left.rows.edges).filter(
    ({ kind, parent }) => kind === 'child' && isLeft(parent),
  );
  const manifest = manifests.find((row) => row.digest === digest) ?? null;
  const named = edges.filter(({ parent }) => parent === digest).map(({ child }) => child);
  const attachedTo = tags.filter(({ tag, digest: on }) => {
    return tag.startsWith('sha256-') && (item.tag === null ? on === digest : tag === item.tag);
  });
  const own = item.tag === null ? (manifest?.subject ?? digest) : digest;
  const subjects = [own, ...attachedTo.map(({ tag }) => hexOf(tag))];
  const referrers = manifests.filter(
    (row) =>
      row.subject === digest ||
      tags.some(({ tag, digest: on }) => on === row.digest && hexOf(tag) === digest),
  );
  return {
    plannedAtMs,
    tag: tags.find(({ tag }) => tag === item.tag) ?? null,
    manifest,
    tags: tags.filter((row) => row.digest === digest && row.tag !== item.tag).map(({ tag }) => tag),
    parents: edges.filter(({ child }) => child === digest).map(({ parent }) => parent),
    subjects: subjects.filter((one) => one !== digest && isLeft(one) && !named.includes(one)),
    referrers: referrers.map((row) => ({
      digest: row.digest,
      pushedAtMs: row.pushedAtMs,
      tagged: false,
    })),
    roots: [],
    unknown: [],
  };
}
