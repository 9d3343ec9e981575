import type { Digest } from '../../../src/domain/digest';
import type {
  Inventory,
  ManifestRecord,
  PushRecord,
  TagRecord,
} from '../../../src/ports/inventory';

export interface FakeTagMove {
  readonly from: Digest | null;
  readonly to: Digest | null;
  readonly actor: string;
  readonly at: string;
}

interface HeldManifest {
  readonly record: ManifestRecord;
  pending: boolean;
  pushedAt: string;
  pulledAt: string | null;
}

type Reads = Pick<
  Inventory,
  | 'getTag'
  | 'listTags'
  | 'tagsOf'
  | 'listRepositories'
  | 'getManifest'
  | 'listReferrers'
  | 'listParents'
  | 'readRepository'
>;

function byName(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** What the registry holds by record: manifests with their edges, blobs, tags and their moves. */
export class FakeContents {
  readonly manifests = new Map<string, HeldManifest>();
  readonly tags = new Map<string, TagRecord>();
  readonly moves = new Map<string, FakeTagMove[]>();
  readonly blobs = new Map<string, Map<Digest, number>>();

  record(push: PushRecord, pending: boolean): void {
    const { repository, digest, mediaType, artifactType, size, subject, edges } = push;
    const key = `${repository}@${digest}`;
    const record = { repository, digest, mediaType, artifactType, size, subject, edges };
    const held = this.manifests.get(key);
    if (held) {
      held.pending &&= pending;
      if (push.at > held.pushedAt) held.pushedAt = push.at;
    } else {
      this.manifests.set(key, { record, pending, pushedAt: push.at, pulledAt: null });
    }
    for (const edge of edges) {
      const known = this.blobsOf(repository).has(edge.digest);
      if (edge.kind !== 'child' && !known) this.blobsOf(repository).set(edge.digest, edge.size);
    }
  }

  pulled(repository: string, digest: Digest, at: string): boolean {
    const held = this.manifests.get(`${repository}@${digest}`);
    if (!held || held.pending) return false;
    if (held.pulledAt === null || held.pulledAt < at) held.pulledAt = at;
    return true;
  }

  blobsOf(repository: string): Map<Digest, number> {
    const blobs = this.blobs.get(repository) ?? new Map<Digest, number>();
    this.blobs.set(repository, blobs);
    return blobs;
  }

  drop(repository: string, digest: Digest): void {
    const held = this.manifests.get(`${repository}@${digest}`);
    if (held?.pending) this.manifests.delete(`${repository}@${digest}`);
  }

  moveTag(push: PushRecord & { readonly tag: string }): void {
    const { repository, tag, digest, actor, at, writeOnce } = push;
    const key = `${repository}:${tag}`;
    const held = this.tags.get(key);
    if (held?.digest === digest) return;
    const lastPulledAt = held?.lastPulledAt ?? null;
    const record = { repository, tag, digest, pushedBy: actor, pushedAt: at };
    this.tags.set(key, { ...record, lastPulledAt, writeOnce });
    this.addMove(key, { from: held?.digest ?? null, to: digest, actor, at });
  }

  deleteTag(key: string, actor: string, at: string): void {
    const held = this.tags.get(key);
    if (!held) return;
    this.tags.delete(key);
    this.addMove(key, { from: held.digest, to: null, actor, at });
  }

  deleteManifest(repository: string, digest: Digest, actor: string, at: string): void {
    this.manifests.delete(`${repository}@${digest}`);
    for (const { tag } of this.tagsIn(repository).filter((one) => one.digest === digest)) {
      this.deleteTag(`${repository}:${tag}`, actor, at);
    }
  }

  tagsIn(repository: string): TagRecord[] {
    return [...this.tags.values()]
      .filter((one) => one.repository === repository)
      .sort((a, b) => byName(a.tag, b.tag));
  }

  taken(): ManifestRecord[] {
    return [...this.manifests.values()].filter((one) => !one.pending).map((one) => one.record);
  }

  /** Parent and child of every index, those of pushes under way too. */
  childEdges(): { readonly parent: Digest; readonly child: Digest }[] {
    return [...this.manifests.values()].flatMap(({ record }) =>
      record.edges
        .filter((edge) => edge.kind === 'child')
        .map((edge) => ({ parent: record.digest, child: edge.digest })),
    );
  }

  private addMove(key: string, move: FakeTagMove): void {
    this.moves.set(key, [...(this.moves.get(key) ?? []), move]);
  }
}

/** `start` and all that is reached from it, upwards or downwards. */
export function reach(
  contents: FakeContents,
  start: Digest,
  towards: 'parents' | 'children',
): Set<Digest> {
  const edges = contents.childEdges();
  const reached = new Set([start]);
  // A set hands out what is added while it is walked.
  for (const digest of reached) {
    for (const { parent, child } of edges) {
      if (towards === 'parents' && child === digest) reached.add(parent);
      if (towards === 'children' && parent === digest) reached.add(child);
    }
  }
  return reached;
}

export function createFakeReads(contents: FakeContents): Reads {
  const names = (): string[] =>
    [...new Set(contents.taken().map((one) => one.repository))].sort(byName);
  return {
    getTag: (repository, tag) => Promise.resolve(contents.tags.get(`${repository}:${tag}`) ?? null),
    listTags: (repository, { after = '', limit }) =>
      Promise.resolve(
        contents
          .tagsIn(repository)
          .filter((one) => one.tag > after)
          .slice(0, limit),
      ),
    tagsOf: (repository, digests) =>
      Promise.resolve(
        contents
          .tagsIn(repository)
          .filter((one) => digests.includes(one.digest))
          .map((one) => one.tag),
      ),
    listRepositories: ({ after = '', limit }) =>
      Promise.resolve(
        names()
          .filter((name) => name > after)
          .slice(0, limit),
      ),
    getManifest: (repository, digest) =>
      Promise.resolve(
        contents.taken().find((one) => one.repository === repository && one.digest === digest) ??
          null,
      ),
    listReferrers: (repository, subject) =>
      Promise.resolve(
        contents.taken().filter((one) => one.repository === repository && one.subject === subject),
      ),
    listParents: (repository, child) =>
      Promise.resolve(
        contents
          .taken()
          .filter((one) => one.repository === repository)
          .filter(({ edges }) =>
            edges.some((edge) => edge.kind === 'child' && edge.digest === child),
          )
          .map((one) => one.digest)
          .sort(byName),
      ),
    readRepository: (repository) =>
      Promise.resolve({
        repository,
        tags: contents.tagsIn(repository),
        manifests: contents
          .taken()
          .filter((one) => one.repository === repository)
          .map((one) => one.digest)
          .sort(byName),
      }),
  };
}
