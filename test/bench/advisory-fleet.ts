import { createHash } from 'node:crypto';
import { parseDigest, type Digest } from '../../src/domain/digest';
import type { Json } from '../../src/domain/verdict';
import {
  debianPart,
  goPart,
  npmPart,
  sbomDocument,
  type SbomPart,
} from '../support/sbom-documents';

export interface FleetShape {
  readonly services: number;
  /** Of each service, one after the other. */
  readonly releases: number;
}

export interface FleetImage {
  readonly svc: string;
  readonly release: number;
  readonly digest: Digest;
  readonly document: Json;
}

/** Packages of each kind that there are, of which images take the first more often. */
export const POOL = { debian: 400, npm: 12_000, go: 6_000 } as const;
/** In an image: of its base, and of the service. */
const BASE_PACKAGES = 110;
const OWN_PACKAGES = 190;
const BASES = 30;
/** Of what a service is made of, replaced by a newer version in each release. */
const RENEWED = 6;
/** A service gets its base anew every so many releases. */
const BASE_EVERY = 8;

/** Mulberry32: the same fleet each time. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Zipf with exponent 1: some packages are in nearly every image, most in hardly any. */
function zipf(random: () => number, count: number): number {
  return Math.min(count - 1, Math.floor(Math.exp(random() * Math.log(count + 1))) - 1);
}

/** So many different ones. */
function draw(random: () => number, count: number, of: number): readonly number[] {
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(zipf(random, of));
  return [...chosen];
}

export const nameOf = (kind: keyof typeof POOL, at: number): string =>
  kind === 'go' ? `example.org/go/module-${at}` : `${kind}-package-${at}`;

interface Own {
  readonly kind: 'npm' | 'go';
  readonly at: number;
  version: number;
}

function ownPart({ kind, at, version }: Own): SbomPart {
  const name = nameOf(kind, at);
  return kind === 'npm' ? npmPart(name, `1.${version}.0`) : goPart(name, `v1.${version}.0`);
}

function basePart(at: number, generation: number): SbomPart {
  // Not everything in a base changes with its next version.
  const version = 1 + Math.floor(generation / (1 + (at % 4)));
  const source = nameOf('debian', at);
  return debianPart(`${source}-bin`, `${1 + (at % 9)}.${version}-1`, source);
}

function* serviceImages(
  svc: string,
  seed: number,
  bases: readonly (readonly number[])[],
  releases: number,
): Generator<FleetImage> {
  const random = randomFrom(seed);
  const base = bases[zipf(random, bases.length)] ?? [];
  const kind = random() < 0.5 ? 'npm' : 'go';
  const own = draw(random, OWN_PACKAGES, POOL[kind]).map((at): Own => ({
    kind,
    at,
    version: 1 + Math.floor(random() * 4),
  }));
  for (let release = 0; release < releases; release += 1) {
    for (let renewed = 0; renewed < RENEWED; renewed += 1) {
      const one = own[Math.floor(random() * own.length)];
      if (one) one.version += 1;
    }
    const digest = createHash('sha256').update(`${svc} ${release}`).digest('hex');
    const generation = Math.floor(release / BASE_EVERY);
    const parts = [...base.map((at) => basePart(at, generation)), ...own.map(ownPart)];
    yield {
      ...{ svc, release, digest: parseDigest(`sha256:${digest}`) },
      document: sbomDocument(`apps/${svc}/${svc}@sha256:${digest}`, DEBIAN, parts),
    };
  }
}

const DEBIAN = { name: 'debian', version: '12.5' } as const;

/** Service after service, each oldest first. Releases of one share all but a few of their components, and services their bases. */
export function* fleetImages({ services, releases }: FleetShape): Generator<FleetImage> {
  const random = randomFrom(1);
  const bases = Array.from({ length: BASES }, () => draw(random, BASE_PACKAGES, POOL.debian));
  for (let at = 0; at < services; at += 1) {
    yield* serviceImages(`service-${at}`, 1000 + at, bases, releases);
  }
}
