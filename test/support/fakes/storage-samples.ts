import {
  BREAKDOWNS,
  NO_GROUP,
  type Breakdown,
  type GroupFigures,
  type ImageCounts,
  type StorageSample,
} from '../../../src/domain/accounting/figures';
import type { Place } from '../../../src/domain/accounting/places';
import type { Digest } from '../../../src/domain/digest';
import { ENVIRONMENTS } from '../../../src/domain/reference';
import type { ManifestRecord } from '../../../src/ports/inventory';
import type { Ledger } from '../../../src/ports/ledger';
import type { SampleOrder, StorageSamples } from '../../../src/ports/storage-samples';
import { withCallFaults, type CallFaults } from './call-faults';
import type { FakeContents } from './inventory-contents';

/** A channel that a digest was in, `prod:stable`. */
interface Reach {
  readonly digest: Digest;
  readonly channel: string;
}

interface PlanItem {
  readonly repository: string;
  readonly digest: Digest;
  readonly bytes: number;
}

export interface FakeStored {
  readonly contents: FakeContents;
  readonly ledger: Pick<Ledger, 'history'>;
  /** Those whose channels it looks at. */
  readonly services: readonly string[];
  /** What the newest plan would still free; null without one. */
  readonly openItems?: () => readonly PlanItem[] | null;
}

async function reachesOf({ ledger, services }: FakeStored): Promise<readonly Reach[]> {
  const all = await Promise.all(services.map((svc) => ledger.history(svc, 10_000)));
  return all
    .flat()
    .flatMap(({ channel, from, to }) =>
      [from, to].flatMap((digest) => (digest === null ? [] : [{ digest, channel }])),
    );
}

export type FakeStorageSamples = StorageSamples & CallFaults;

const ENVS = [NO_GROUP, ...ENVIRONMENTS] as const;
type Env = (typeof ENVS)[number];
const RUNNABLE = /^application\/vnd\.(oci\.image|docker\.container\.image)\.(config\.)?v1\+json$/;
const UNPACKED = /^application\/vnd\.(oci\.image\.layer|docker\.image\.rootfs)\./;

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
const keyOf = ({ repository, digest }: Pick<ManifestRecord, 'repository' | 'digest'>): string =>
  `${repository}@${digest}`;

/** Everything counted by going over all of it, again for each question. */
class Count {
  readonly manifests: readonly ManifestRecord[];
  readonly envs = new Map<string, Env>();
  /** Repository and digest to size. */
  readonly held = new Map<string, Map<string, number>>();
  private readonly stored: FakeStored;
  private readonly places: readonly Place[];

  constructor(stored: FakeStored, places: readonly Place[], reaches: readonly Reach[]) {
    this.stored = stored;
    this.places = places;
    this.manifests = stored.contents.taken();
    for (const { digest, channel } of reaches) {
      const env = channel.split(':')[0] as Env;
      for (const one of this.manifests) if (one.digest === digest) this.spread(one, env);
    }
    for (const [repository, blobs] of stored.contents.blobs) {
      for (const [digest, size] of blobs) this.hold(repository, digest, size);
    }
    for (const { repository, digest, size } of this.manifests) {
      if (!this.held.get(repository)?.has(digest)) this.hold(repository, digest, size);
    }
  }

  groups(by: Breakdown): readonly GroupFigures[] {
    const groups = by === 'environment' ? this.namedByEnv() : this.heldBy(by);
    return [...groups].map(([name, contents]) => {
      const alone = [...contents].filter(
        ([digest]) => [...groups.values()].filter((other) => other.has(digest)).length === 1,
      );
      const unique = sum(alone.map(([, size]) => size));
      const mine = this.manifests.filter((one) => this.groupOf(by, one) === name);
      const items = this.stored.openItems?.() ?? null;
      return {
        ...{ by, name, uniqueBytes: unique },
        logicalBytes: sum(mine.map(logicalOf)),
        sharedBytes: sum([...contents.values()]) - unique,
        reclaimableBytes:
          items &&
          sum(items.filter((one) => this.groupOf(by, one) === name).map(({ bytes }) => bytes)),
        manifests: mine.length,
        tags: [...this.stored.contents.tags.values()].filter((t) => this.groupOf(by, t) === name)
          .length,
        contents: contents.size,
        images: by === 'repository' ? this.images(name) : null,
      };
    });
  }

  totals(): StorageSample['totals'] {
    const sizes = this.sizes();
    const items = this.stored.openItems?.() ?? null;
    return {
      storageBytes: sum([...sizes.values()]),
      logicalBytes: sum(this.manifests.map(logicalOf)),
      reclaimableBytes: items && sum(items.map(({ bytes }) => bytes)),
      repositories: this.held.size,
      manifests: this.manifests.length,
      tags: this.stored.contents.tags.size,
      digests: new Set(this.manifests.map(({ digest }) => digest)).size,
      contents: sizes.size,
      images: this.images(null),
    };
  }

  private hold(repository: string, digest: string, size: number): void {
    const held = this.held.get(repository) ?? new Map<string, number>();
    this.held.set(repository, held.set(digest, size));
  }

  private spread(from: ManifestRecord, env: Env): void {
    const known = this.envs.get(keyOf(from)) ?? NO_GROUP;
    if (ENVS.indexOf(known) >= ENVS.indexOf(env)) return;
    this.envs.set(keyOf(from), env);
    const near = this.manifests.filter(
      (one) =>
        one.repository === from.repository &&
        (one.subject === from.digest || childrenOf(from).includes(one.digest)),
    );
    for (const one of near) this.spread(one, env);
  }

  private sizes(): Map<string, number> {
    const sizes = new Map<string, number>();
    for (const held of this.held.values()) {
      for (const [digest, size] of held) sizes.set(digest, Math.max(size, sizes.get(digest) ?? 0));
    }
    return sizes;
  }

  private groupOf(by: Breakdown, one: Pick<ManifestRecord, 'repository' | 'digest'>): string {
    if (by === 'repository') return one.repository;
    if (by === 'environment') return this.envs.get(keyOf(one)) ?? NO_GROUP;
    return this.places.find((place) => place.repository === one.repository)?.[by] ?? NO_GROUP;
  }

  private heldBy(by: Breakdown): Map<string, Map<string, number>> {
    const groups = new Map<string, Map<string, number>>();
    for (const [repository, held] of this.held) {
      for (const [digest, size] of held) {
        const name = this.groupOf(by, { repository, digest: digest as Digest });
        const group = groups.get(name) ?? new Map<string, number>();
        groups.set(name, group.set(digest, Math.max(size, group.get(digest) ?? 0)));
      }
    }
    return groups;
  }

  private namedByEnv(): Map<string, Map<string, number>> {
    const sizes = this.sizes();
    const groups = new Map<string, Map<string, number>>();
    const add = (env: string, digest: string): void => {
      const size = sizes.get(digest);
      if (size === undefined) return;
      groups.set(env, (groups.get(env) ?? new Map<string, number>()).set(digest, size));
    };
    for (const one of this.manifests) {
      for (const digest of [one.digest, ...blobsOf(one).map((edge) => edge.digest)]) {
        add(this.groupOf('environment', one), digest);
      }
    }
    const named = new Set([...groups.values()].flatMap((group) => [...group.keys()]));
    for (const digest of sizes.keys()) if (!named.has(digest)) add(NO_GROUP, digest);
    return groups;
  }

  private images(repository: string | null): ImageCounts {
    const counts = { [NO_GROUP]: 0, dev: 0, stg: 0, prod: 0 };
    const found = this.manifests.filter(
      (one) => (repository === null || one.repository === repository) && this.isImage(one),
    );
    const furthest = new Map<Digest, Env>();
    for (const one of found) {
      const env = this.envs.get(keyOf(one)) ?? NO_GROUP;
      const known = furthest.get(one.digest) ?? NO_GROUP;
      furthest.set(one.digest, ENVS.indexOf(env) > ENVS.indexOf(known) ? env : known);
    }
    for (const env of furthest.values()) counts[env] += 1;
    return counts;
  }

  private isImage(one: ManifestRecord): boolean {
    const isChild = this.manifests.some(
      (other) => other.repository === one.repository && childrenOf(other).includes(one.digest),
    );
    return !isChild && this.holdsImage(one);
  }

  private holdsImage(one: ManifestRecord): boolean {
    if (/index|list/.test(one.mediaType)) {
      return this.manifests.some(
        (child) =>
          child.repository === one.repository &&
          childrenOf(one).includes(child.digest) &&
          this.holdsImage(child),
      );
    }
    const layers = one.edges.filter(({ kind }) => kind === 'layer');
    return (
      one.subject === null &&
      one.edges.some(({ kind, mediaType }) => kind === 'config' && RUNNABLE.test(mediaType)) &&
      (layers.length === 0 || layers.some(({ mediaType }) => UNPACKED.test(mediaType)))
    );
  }
}

function blobsOf({ edges }: ManifestRecord): ManifestRecord['edges'] {
  return edges.filter(({ kind }) => kind !== 'child');
}

function childrenOf({ edges }: ManifestRecord): readonly Digest[] {
  return edges.filter(({ kind }) => kind === 'child').map(({ digest }) => digest);
}

function logicalOf(one: ManifestRecord): number {
  return one.size + sum(blobsOf(one).map(({ size }) => size));
}

const heldBytes = (one: GroupFigures): number => one.uniqueBytes + one.sharedBytes;

/** Samples in memory, by the simplest way of counting. */
export function createFakeStorageSamples(stored: FakeStored): FakeStorageSamples {
  const samples = new Map<string, StorageSample & { readonly groups: readonly GroupFigures[] }>();
  const days = (): string[] => [...samples.keys()].sort();
  return withCallFaults<StorageSamples>({
    repositories: () => {
      const names = [...new Count(stored, [], []).held.keys()];
      return Promise.resolve(names.sort());
    },
    take: async ({ day, at, places }: SampleOrder) => {
      const count = new Count(stored, places, await reachesOf(stored));
      const sample = { day, at, totals: count.totals() };
      samples.set(day, {
        ...sample,
        groups: BREAKDOWNS.flatMap((by) => count.groups(by)),
      });
      return sample;
    },
    newest: () => {
      const sample = samples.get(days().at(-1) ?? '');
      if (!sample) return Promise.resolve(null);
      const { day, at, totals } = sample;
      return Promise.resolve({ day, at, totals });
    },
    groups: (day, { by, name, limit }) =>
      Promise.resolve(
        (samples.get(day)?.groups ?? [])
          .filter((one) => one.by === by && (name === undefined || one.name === name))
          .toSorted((a, b) => heldBytes(b) - heldBytes(a) || (a.name < b.name ? -1 : 1))
          .slice(0, limit),
      ),
    days: (from) =>
      Promise.resolve(
        days()
          .filter((day) => day >= from)
          .map((day) => ({ day, storageBytes: samples.get(day)?.totals.storageBytes ?? 0 })),
      ),
  });
}
