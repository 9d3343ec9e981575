import { referrersTag } from '../../src/domain/registry/referrers-index';
import type { Digest } from '../../src/domain/digest';
import type { Root } from '../../src/domain/gc/roots';
import {
  EMPTY,
  makeConfig,
  makeImage,
  makeIndex,
  makeLayer,
  makeReferrer,
  type MadeBlob,
  type MadeManifest,
} from './gc-images';
import { createOracle, type Oracle } from './gc-oracle';

export const DAY_MS = 86_400_000;

/** Shares are from 0 to 1, of the images of a repository. */
export interface StoreShape {
  /** Repositories are written until there are as many manifests. */
  readonly manifests: number;
  readonly imagesPerRepository: number;
  readonly nowMs: number;
  /** Each image is for one of these numbers of platforms; more than one has an index. */
  readonly platforms: readonly number[];
  /** `two`: side by side. `chained`: the second one signs the first. */
  readonly referrers: readonly ('none' | 'two' | 'chained')[];
  /** Lost its tag; old. */
  readonly untaggedShare: number;
  /** Tagged as a branch build, without activity for long. */
  readonly expiredShare: number;
  /** Is in a channel, however old. */
  readonly channelShare: number;
  /** Besides the images: a signature whose subject is not there. */
  readonly orphanShare: number;
  /** Of a repository's blobs, as many again belong to no manifest. */
  readonly orphanedBlobs: number;
}

export const USUAL_SHAPE: Omit<StoreShape, 'manifests' | 'nowMs'> = {
  imagesPerRepository: 20,
  platforms: [1, 1, 2, 2, 6],
  referrers: ['none', 'none', 'two', 'chained'],
  untaggedShare: 0.2,
  expiredShare: 0.2,
  channelShare: 0.1,
  orphanShare: 0.05,
  orphanedBlobs: 0.02,
};

export type StoreRecord =
  | { readonly kind: 'blob'; readonly repository: string; readonly blob: MadeBlob }
  | {
      readonly kind: 'manifest';
      readonly repository: string;
      readonly manifest: MadeManifest;
      readonly pushedAtMs: number;
      readonly lastPulledAtMs: number | null;
    }
  | {
      readonly kind: 'tag';
      readonly repository: string;
      readonly tag: string;
      readonly manifest: MadeManifest;
      readonly pushedAtMs: number;
      readonly lastPulledAtMs: number | null;
    };

export interface Store {
  /** Once, in the order of pushes within a repository. Ends what `oracle` and `roots` know. */
  readonly records: Iterable<StoreRecord>;
  oracle(): Oracle;
  roots(): readonly Root[];
}

type Fate = 'channel' | 'young' | 'expired' | 'untagged';

/** Shared by all repositories, as base images are. */
const BASES = ['base-a', 'base-b', 'base-c'].map((name) => [
  makeLayer(`${name} 1`),
  makeLayer(`${name} 2`),
]);
/** Shared by the images of a repository. */
const DEPENDENCIES = 4;

function pick<T>(values: readonly T[], at: number): T {
  const value = values[at % values.length];
  if (value === undefined) throw new Error('there is nothing to pick from');
  return value;
}

/** Spread evenly over 0 to 1, the same in each run. */
function spread(n: number): number {
  return (n * 0.618_033_988_75) % 1;
}

function fateOf(shape: StoreShape, n: number): Fate {
  const at = spread(n);
  if (at < shape.channelShare) return 'channel';
  if (at < shape.channelShare + shape.expiredShare) return 'expired';
  return at < shape.channelShare + shape.expiredShare + shape.untaggedShare ? 'untagged' : 'young';
}

/** A store with the fate of each thing decided before it is written. */
export function makeStore(shape: StoreShape): Store {
  const oracle = createOracle();
  const roots: Root[] = [];

  function* manifest(
    repository: string,
    made: MadeManifest,
    kept: boolean,
    times: { readonly pushedAtMs: number; readonly lastPulledAtMs: number | null },
  ): Iterable<StoreRecord> {
    yield { kind: 'manifest', repository, manifest: made, ...times };
    const where = { repository, digest: made.digest, size: made.bytes.length };
    oracle.manifest(where, made.edges, kept);
  }

  function* image(
    repository: string,
    serial: number,
    n: number,
    dependencies: readonly MadeBlob[],
  ): Iterable<StoreRecord> {
    const fate = fateOf(shape, serial);
    const kept = fate === 'channel' || fate === 'young';
    const pushedAtMs = shape.nowMs - (fate === 'young' ? 2 : 400) * DAY_MS - n * 1000;
    const times = { pushedAtMs, lastPulledAtMs: fate === 'expired' ? pushedAtMs + DAY_MS : null };
    const platforms: MadeManifest[] = [];
    for (let platform = 0; platform < pick(shape.platforms, serial); platform += 1) {
      const name = `${serial} ${platform}`;
      const own = makeLayer(name);
      const layers = [...pick(BASES, serial), pick(dependencies, n), own];
      const config = makeConfig(name);
      yield { kind: 'blob', repository, blob: config };
      yield { kind: 'blob', repository, blob: own };
      const made = makeImage(config, layers);
      platforms.push(made);
      yield* manifest(repository, made, kept, times);
    }
    const [only] = platforms;
    const top = platforms.length === 1 && only ? only : makeIndex(platforms);
    if (platforms.length !== 1) yield* manifest(repository, top, kept, times);
    if (fate === 'channel') {
      roots.push({ digest: top.digest, reason: 'channel', detail: 'prod:stable' });
    }
    if (fate !== 'untagged') {
      const branch = fate === 'expired' ? '-branch.1' : '';
      const tag = `1.0.${n}${branch}_${String(serial).padStart(7, '0')}`;
      yield { kind: 'tag', repository, tag, manifest: top, ...times };
      oracle.tag(repository, tag, kept);
    }
    yield* referrers(repository, serial, top, kept, times);
  }

  function* referrer(
    repository: string,
    subject: { readonly digest: Digest; readonly size: number },
    name: string,
    kept: boolean,
    times: { readonly pushedAtMs: number; readonly lastPulledAtMs: number | null },
  ): Generator<StoreRecord, MadeManifest> {
    const made = makeReferrer(subject.digest, subject.size, name);
    yield { kind: 'blob', repository, blob: made.payload };
    yield* manifest(repository, made, kept, times);
    return made;
  }

  /** Every second subject has the fallback tag that clients write where a registry has no referrers API. */
  function* referrers(
    repository: string,
    serial: number,
    top: MadeManifest,
    kept: boolean,
    times: { readonly pushedAtMs: number; readonly lastPulledAtMs: number | null },
  ): Iterable<StoreRecord> {
    const form = pick(shape.referrers, Math.floor(serial / 2));
    if (form === 'none') return;
    const size = top.bytes.length;
    const first = yield* referrer(
      ...([repository, { digest: top.digest, size }, `${serial} 1`, kept, times] as const),
    );
    const subject =
      form === 'chained'
        ? { digest: first.digest, size: first.bytes.length }
        : { digest: top.digest, size };
    const second = yield* referrer(repository, subject, `${serial} 2`, kept, times);
    if (serial % 2 === 0) return;
    const index = makeIndex(form === 'chained' ? [first] : [first, second]);
    yield* manifest(repository, index, kept, times);
    const tag = referrersTag(top.digest);
    yield { kind: 'tag', repository, tag, manifest: index, ...times };
    oracle.tag(repository, tag, kept);
  }

  function* repository(name: string, number: number): Iterable<StoreRecord> {
    const dependencies = Array.from({ length: DEPENDENCIES }, (_, n) => makeLayer(`${name} ${n}`));
    const shared = [...BASES.flat(), ...dependencies, EMPTY];
    for (const blob of shared) yield { kind: 'blob', repository: name, blob };
    const orphans = Math.ceil(shape.imagesPerRepository * 3 * shape.orphanedBlobs);
    for (let n = 0; n < orphans; n += 1) {
      yield { kind: 'blob', repository: name, blob: makeLayer(`${name} orphaned ${n}`) };
    }
    for (let n = 0; n < shape.imagesPerRepository; n += 1) {
      const serial = number * shape.imagesPerRepository + n;
      yield* image(name, serial, n, dependencies);
      if (spread(serial + 0.5) >= shape.orphanShare) continue;
      const absent = makeLayer(`absent ${serial}`).edge;
      const times = { pushedAtMs: shape.nowMs - 400 * DAY_MS, lastPulledAtMs: null };
      yield* referrer(name, absent, `${serial} orphan`, false, times);
    }
  }

  function* records(): Iterable<StoreRecord> {
    for (let number = 0, made = 0; made < shape.manifests; number += 1) {
      const name = `apps/svc-${String(number).padStart(6, '0')}/app`;
      for (const record of repository(name, number)) {
        yield record;
        if (record.kind === 'manifest') made += 1;
      }
    }
  }

  return { records: records(), oracle: () => oracle.build(), roots: () => roots };
}
