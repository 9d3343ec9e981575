import type { Digest } from '../../../src/domain/digest';
import type { GcTag } from '../../../src/domain/gc/inventory';
import { NOW, type RandomRegistry } from './random-registry';

/** What the rules of docs/gc.md say, as sets of texts and loops until nothing changes: slow, and nothing like the planner. */
export interface Model {
  /** `{repository} {digest}` */
  readonly manifests: ReadonlySet<string>;
  /** `{repository} {tag}` */
  readonly tags: ReadonlySet<string>;
  readonly freeBytes: number;
}

const ATTACHED = /^sha256-([0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/;

interface Node {
  readonly key: string;
  readonly repository: string;
  readonly digest: Digest;
}

const keyOf = (repository: string, digest: string): string => `${repository} ${digest}`;
const judgesTags = (repository: string): boolean => /^(?:apps|scratch)\//.test(repository);
const judgesUntagged = (repository: string): boolean => !repository.startsWith('bases/');
const hasReleases = (repository: string): boolean => /^(?:apps|charts|bases)\//.test(repository);

class Rules {
  readonly nodes = new Map<string, Node>();
  private readonly rows;
  private readonly blind: boolean;
  private readonly registry: RandomRegistry;

  constructor(registry: RandomRegistry) {
    this.registry = registry;
    this.rows = new Map(
      registry.manifests.map((row) => [keyOf(row.repository, row.digest), row] as const),
    );
    const named = [
      ...registry.manifests.map(({ repository, digest }) => ({ repository, digest })),
      ...registry.edges.map(({ repository, parent }) => ({ repository, digest: parent })),
      ...registry.tags.map(({ repository, digest }) => ({ repository, digest })),
      ...registry.gaps.flatMap(({ repository, digest }) =>
        repository !== null && digest !== null ? [{ repository, digest }] : [],
      ),
    ];
    for (const { repository, digest } of named) {
      const key = keyOf(repository, digest);
      this.nodes.set(key, { key, repository, digest });
    }
    this.blind =
      registry.missing.length > 0 || registry.gaps.some(({ repository }) => repository === null);
  }

  isThere(key: string): boolean {
    return this.rows.has(key);
  }

  children({ repository, digest }: Node): readonly string[] {
    return this.registry.edges
      .filter((e) => e.repository === repository && e.parent === digest && e.kind === 'child')
      .map(({ child }) => keyOf(repository, child));
  }

  parents({ repository, digest }: Node): readonly string[] {
    return this.registry.edges
      .filter((e) => e.repository === repository && e.child === digest && e.kind === 'child')
      .map(({ parent }) => keyOf(repository, parent));
  }

  /** Digests that a node is attached to. */
  attachedTo({ key, repository, digest }: Node): readonly Digest[] {
    const subject = this.rows.get(key)?.subject ?? null;
    const byTag = this.registry.tags
      .filter((tag) => tag.repository === repository && tag.digest === digest)
      .flatMap(({ tag }) => this.subjectOfTag(tag) ?? []);
    return subject === null ? byTag : [subject, ...byTag];
  }

  subjectOfTag(tag: string): Digest | null {
    const [, hex] = ATTACHED.exec(tag) ?? [];
    return hex === undefined ? null : `sha256:${hex}`;
  }

  private isGap(repository: string, whole: boolean): boolean {
    return (
      this.blind ||
      this.registry.gaps.some((gap) => gap.repository === repository && (!whole || !gap.digest))
    );
  }

  private windowEnd(digest: Digest): number | null {
    const { windows, reaches } = this.registry;
    const ends = reaches
      .filter((reach) => reach.digest === digest)
      .map(({ channel, lastAtMs }) => {
        if (channel === 'prod:stable') return lastAtMs + windows.prodStableMs;
        if (channel === 'prod:candidate') return lastAtMs + windows.prodCandidateMs;
        return lastAtMs + (channel.startsWith('stg') ? windows.stgMs : windows.devMs);
      });
    return ends.length === 0 ? null : Math.max(...ends);
  }

  keepsManifestItself({ key, repository, digest }: Node): boolean {
    const row = this.rows.get(key);
    if (!row || row.pending || row.pushedAtMs === null) return true;
    if (this.isGap(repository, false) || !judgesUntagged(repository)) return true;
    const end = this.windowEnd(digest);
    const pulledUntil = (row.lastPulledAtMs ?? 0) + this.registry.windows.inactiveMs;
    if (end === null ? pulledUntil > NOW : end > NOW) return true;
    if (row.pushedAtMs + this.registry.graceMs > NOW) return true;
    const node = { key, repository, digest };
    return this.children(node).some((child) => !this.isThere(child));
  }

  /** A tag that people gave. */
  keepsTag(tag: GcTag, roots: ReadonlySet<string>): boolean {
    const key = keyOf(tag.repository, tag.digest);
    const row = this.rows.get(key);
    const isAttached = this.subjectOfTag(tag.tag) !== null;
    const isJudged = isAttached ? judgesUntagged(tag.repository) : judgesTags(tag.repository);
    if (!isJudged || this.isGap(tag.repository, true) || roots.has(key)) return true;
    if (!row || row.pending || tag.pushedAtMs === null) return true;
    if (tag.pushedAtMs + this.registry.graceMs > NOW) return true;
    if (isAttached) return false;
    if (row.pushedAtMs === null || this.isNewest(tag)) return true;
    const end = this.windowEnd(tag.digest);
    if (end !== null) return end > NOW;
    const times = [tag.pushedAtMs, tag.lastPulledAtMs, row.pushedAtMs, row.lastPulledAtMs];
    return Math.max(...times.map((time) => time ?? 0)) + this.registry.windows.inactiveMs > NOW;
  }

  private isNewest({ repository, tag }: GcTag): boolean {
    if (!hasReleases(repository)) return false;
    const releases = this.registry.tags.filter(
      (one) => one.repository === repository && !/-b\.|^sha256-/.test(one.tag),
    );
    const time = (one: GcTag): number => one.pushedAtMs ?? Infinity;
    releases.sort((a, b) => (time(a) === time(b) ? (a.tag > b.tag ? -1 : 1) : time(b) - time(a)));
    return releases.slice(0, this.registry.keepLast).some((one) => one.tag === tag);
  }
}

/** Adds what `step` leads to from each member, until nothing is new. */
function close(
  members: Set<string>,
  rules: Rules,
  step: (node: Node) => readonly string[],
): Set<string> {
  for (const key of members) {
    const node = rules.nodes.get(key);
    for (const next of node ? step(node) : []) if (rules.nodes.has(next)) members.add(next);
  }
  return members;
}

export function modelOf(registry: RandomRegistry): Model {
  const rules = new Rules(registry);
  const nodes = [...rules.nodes.values()];
  const subjects = (node: Node): readonly string[] =>
    rules
      .attachedTo(node)
      .map((digest) => keyOf(node.repository, digest))
      .filter((key) => rules.isThere(key));

  const roots = new Set(
    nodes.filter(({ digest }) => registry.roots.some((r) => r.digest === digest)).map((n) => n.key),
  );
  close(roots, rules, (node) => [...rules.parents(node), ...subjects(node)]);
  const keptTags = registry.tags.filter((tag) => rules.keepsTag(tag, roots));
  const itself = new Set([
    ...roots,
    ...keptTags.map(({ repository, digest }) => keyOf(repository, digest)),
    ...nodes.filter((node) => rules.keepsManifestItself(node)).map(({ key }) => key),
  ]);
  close(itself, rules, subjects);
  const attached = (node: Node): readonly string[] =>
    nodes
      .filter((other) =>
        rules.attachedTo(other).some((digest) => {
          if (digest !== node.digest) return false;
          // What a repository lacks may be in another: it is no orphan while that stays.
          const isHere = other.repository === node.repository;
          return isHere || !rules.isThere(keyOf(other.repository, digest));
        }),
      )
      .map(({ key }) => key);
  const live = close(new Set(itself), rules, (node) => [
    ...rules.children(node),
    ...attached(node),
  ]);

  const goes = (tag: GcTag): boolean => {
    if (keptTags.includes(tag)) return false;
    const subject = rules.subjectOfTag(tag.tag);
    if (subject === null) return true;
    const here = keyOf(tag.repository, subject);
    return rules.isThere(here)
      ? !live.has(here)
      : !nodes.some(({ key, digest }) => digest === subject && live.has(key));
  };
  const doomed = new Set(
    nodes.filter(({ key }) => rules.isThere(key) && !live.has(key)).map(({ key }) => key),
  );
  return {
    manifests: doomed,
    tags: new Set(registry.tags.filter(goes).map((t) => keyOf(t.repository, t.tag))),
    freeBytes: freeBytes(registry, nodes, doomed),
  };
}

function freeBytes(
  registry: RandomRegistry,
  nodes: readonly Node[],
  doomed: ReadonlySet<string>,
): number {
  const named = (keys: (key: string) => boolean): Set<string> =>
    new Set([
      ...nodes.filter(({ key }) => keys(key)).map(({ digest }) => digest),
      ...registry.edges
        .filter(({ repository, parent }) => keys(keyOf(repository, parent)))
        .map(({ child }) => child),
      ...registry.blobs
        .filter(({ repository }) =>
          registry.gaps.some((gap) => gap.repository === repository && gap.digest === null),
        )
        .map(({ digest }) => digest),
    ]);
  const after = named((key) => !doomed.has(key));
  const sizes = new Map<string, number>([
    ...registry.edges.map(({ child, size }) => [child, size] as const),
    ...registry.blobs.map(({ digest, size }) => [digest, size] as const),
    ...registry.manifests.map(({ digest, size }) => [digest, size] as const),
  ]);
  return [...named(() => true)]
    .filter((digest) => !after.has(digest))
    .reduce((sum, digest) => sum + (sizes.get(digest) ?? 0), 0);
}
