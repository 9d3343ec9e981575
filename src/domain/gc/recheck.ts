import type { Digest } from '../digest';
import type { PlanItem } from './plan';
import type { Root, RootReason } from './roots';

/** What is so just before the delete of one item. Times are ms since the epoch; what could not be found out goes into `unknown`. */
export interface ItemFacts {
  /** When the inventory of the plan was read. */
  readonly plannedAtMs: number;
  /** Of a tag item: what the tag points at now, null when it is gone. */
  readonly tag: {
    readonly digest: Digest;
    readonly pushedAtMs: number | null;
    readonly lastPulledAtMs: number | null;
  } | null;
  /** The manifest in this repository, null when it is gone. */
  readonly manifest: {
    readonly pushedAtMs: number | null;
    readonly lastPulledAtMs: number | null;
    /** A push of it is under way. */
    readonly pending: boolean;
  } | null;
  /** Tags of the repository that point at the digest now; of a tag item, without itself. */
  readonly tags: readonly string[];
  /** Indexes of the repository that name the digest, and are there now. */
  readonly parents: readonly Digest[];
  /** Manifests of the repository that it is attached to (its `subject`, or the HEX of a tag `sha256-HEX…` on it), and that are there now. */
  readonly subjects: readonly Digest[];
  /** What is attached to it now. */
  readonly referrers: readonly {
    readonly digest: Digest;
    readonly pushedAtMs: number | null;
    /** By a tag that is no `sha256-HEX…`. */
    readonly tagged: boolean;
  }[];
  /** Of the digest, and of the children that it names: new ones, holds, leases and evidence of a quarantine. */
  readonly roots: readonly Root[];
  /** Facts that could not be found out, a sentence each. */
  readonly unknown: readonly string[];
}

export type SkipReason =
  | 'gone'
  | 'unknown'
  | 'tag-moved'
  | 'tagged'
  | 'in-index'
  | 'subject-kept'
  | 'new-referrer'
  | 'pushed'
  | 'pulled'
  | 'hold'
  | 'lease'
  | 'quarantine-hold'
  | 'new-root';

export type Recheck =
  | { readonly kind: 'delete' }
  | { readonly kind: 'skip'; readonly reason: SkipReason; readonly detail: string };

const OF_ROOT: Partial<Record<RootReason, SkipReason>> = {
  hold: 'hold',
  'worm-hold': 'hold',
  lease: 'lease',
  'quarantine-evidence': 'quarantine-hold',
};

function skip(reason: SkipReason, detail: string): Recheck {
  return { kind: 'skip', reason, detail };
}

const isSince = (timeMs: number | null, { plannedAtMs }: ItemFacts): boolean =>
  timeMs !== null && timeMs >= plannedAtMs;

const at = (timeMs: number | null): string =>
  timeMs === null ? 'at an unknown time' : `at ${new Date(timeMs).toISOString()}`;

/** Whether the item may go now. Whatever happened to it since the plan was made, it stays: the next plan looks again. */
export function recheckItem(item: PlanItem, facts: ItemFacts): Recheck {
  const [unknown] = facts.unknown;
  if (unknown !== undefined) return skip('unknown', unknown);
  const [root] = facts.roots;
  if (root) return skip(OF_ROOT[root.reason] ?? 'new-root', root.detail);
  return item.kind === 'tag' ? recheckTag(item, facts) : recheckManifest(facts);
}

function recheckTag(item: PlanItem, facts: ItemFacts): Recheck {
  const { tag } = facts;
  if (!tag) return skip('gone', 'the tag is gone already');
  if (tag.digest !== item.digest) return skip('tag-moved', `it points at ${tag.digest} now`);
  if (isSince(tag.pushedAtMs, facts)) {
    return skip('pushed', `it was pushed again ${at(tag.pushedAtMs)}`);
  }
  if (isSince(tag.lastPulledAtMs, facts)) {
    return skip('pulled', `it was pulled ${at(tag.lastPulledAtMs)}`);
  }
  if (item.rule === 'orphaned-fallback-tag' && facts.subjects.length > 0) {
    return subjectKept(facts.subjects);
  }
  return recheckActivity(facts) ?? recheckAttached(facts) ?? { kind: 'delete' };
}

function recheckManifest(facts: ItemFacts): Recheck {
  if (!facts.manifest) return skip('gone', 'the manifest is gone already');
  if (facts.tags.length > 0) return skip('tagged', `the tag ${facts.tags.join(', ')} points at it`);
  const [parent] = facts.parents;
  if (parent) return skip('in-index', `the index ${parent} names it`);
  if (facts.subjects.length > 0) return subjectKept(facts.subjects);
  return recheckActivity(facts) ?? recheckAttached(facts) ?? { kind: 'delete' };
}

function subjectKept([subject = '']: readonly string[]): Recheck {
  return skip('subject-kept', `it is attached to ${subject}, which is there`);
}

function recheckActivity(facts: ItemFacts): Recheck | null {
  const { manifest } = facts;
  if (!manifest) return null;
  if (manifest.pending) return skip('pushed', 'a push of it is under way');
  if (isSince(manifest.pushedAtMs, facts)) {
    return skip('pushed', `it was pushed again ${at(manifest.pushedAtMs)}`);
  }
  return isSince(manifest.lastPulledAtMs, facts)
    ? skip('pulled', `it was pulled ${at(manifest.lastPulledAtMs)}`)
    : null;
}

/** Somebody who signs an image now means to keep it. */
function recheckAttached(facts: ItemFacts): Recheck | null {
  const news = facts.referrers.find(
    ({ pushedAtMs, tagged }) => tagged || pushedAtMs === null || isSince(pushedAtMs, facts),
  );
  return news ? skip('new-referrer', `${news.digest} was attached ${at(news.pushedAtMs)}`) : null;
}
