import type { AdvisoryHit } from '../../../src/domain/advisories/case';
import type { Digest } from '../../../src/domain/digest';
import type {
  AdvisoryMatches,
  ImpactedComponent,
  ImpactedDigest,
  ImpactOf,
  MatchedDatabase,
  MatchedPackage,
  PackageToMatch,
  RunningDigest,
  SettledMatches,
  SettledRatings,
  UnmatchedPlace,
} from '../../../src/ports/advisory-matches';
import { withCallFaults, type CallFaults } from './call-faults';
import {
  componentKey,
  missingOf,
  packageKey,
  type FakeComponents,
  type HeldComponent,
} from './component-index';
import type { FakeLedger } from './ledger';

const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN'];

interface Database extends MatchedDatabase {
  updatedAt: string;
  begunAt: string;
  matchedAt: string | null;
}

interface Place {
  readonly svc: string;
  readonly digest: Digest;
  readonly channel: string | null;
  readonly env: string | null;
  readonly at: string;
}

export interface FakeMatches extends AdvisoryMatches, CallFaults {
  /** As the rescans see it. */
  touched(digest: Digest, sbom: string | null, scannedAt: string | null): Promise<boolean | null>;
}

class Matches {
  readonly databases: Database[] = [];
  running: (RunningDigest & { readonly seenAt: string })[] = [];

  private readonly held: FakeComponents;
  private readonly ledger: FakeLedger;

  constructor(held: FakeComponents, ledger: FakeLedger) {
    this.held = held;
    this.ledger = ledger;
  }

  newest(): Database | undefined {
    return this.databases
      .filter(({ matchedAt }) => matchedAt !== null)
      .sort((a, b) => ((a.matchedAt ?? '') < (b.matchedAt ?? '') ? 1 : -1))[0];
  }

  lastBegun(): Database | undefined {
    // Of two of the same millisecond the later one.
    return this.databases.reduce<Database | undefined>(
      (last, one) => (last && last.begunAt > one.begunAt ? last : one),
      undefined,
    );
  }

  begin({ digest, updatedAt }: MatchedDatabase, at: string): void {
    const known = this.databases.find((one) => one.digest === digest);
    if (!known) {
      this.databases.push({ digest, updatedAt, begunAt: at, matchedAt: null });
      return;
    }
    if (known.updatedAt < updatedAt) known.updatedAt = updatedAt;
    if (known.matchedAt === null && this.lastBegun() === known) return;
    Object.assign(known, { begunAt: at, matchedAt: null });
  }

  packages(): readonly PackageToMatch[] {
    return [...this.held.packages].map(([key, { id, advisories }]) => {
      const components = [...this.held.components.values()].filter(
        (one) => packageKey(one) === key,
      );
      const [first] = components;
      const unmatched = components.some(({ matched }) => !matched);
      return {
        id,
        ...{ space: first!.space, name: first!.name, products: first!.products },
        advisories: unmatched ? null : advisories,
        components: components.map(({ space, name, version, purl, arch, products, ...one }) => ({
          ...{ id: one.id, space, name, products, version, purl, arch },
        })),
      };
    });
  }

  settle(database: Database, packages: readonly MatchedPackage[], at: string): SettledMatches {
    const counts = { appeared: 0, vanished: 0, changed: 0 };
    for (const pack of packages) {
      for (const component of this.held.components.values()) {
        if (!pack.components.includes(component.id)) continue;
        this.settleOne(component, database, pack, at, counts);
      }
      for (const known of this.held.packages.values()) {
        if (known.id === pack.id) known.advisories = pack.advisories;
      }
    }
    return counts;
  }

  private settleOne(
    component: HeldComponent,
    database: Database,
    { matches }: MatchedPackage,
    at: string,
    counts: { appeared: number; vanished: number; changed: number },
  ): void {
    const before = component.matches;
    component.matches = new Map();
    let differs = false;
    for (const { advisory, severity, fixedVersion } of matches.filter(
      (one) => one.component === component.id,
    )) {
      const known = before.get(advisory);
      before.delete(advisory);
      const brings = component.addedAt <= database.begunAt ? database.digest : null;
      const fresh = { severity, fixedVersion, since: at, broughtBy: brings };
      if (!known) counts.appeared += 1;
      else if (known.severity !== severity || known.fixedVersion !== fixedVersion) {
        counts.changed += 1;
      }
      const isSame = known?.severity === severity && known.fixedVersion === fixedVersion;
      differs ||= !isSame;
      const broughtBy = known?.severity === severity ? known.broughtBy : database.digest;
      component.matches.set(advisory, known ? { ...fresh, since: known.since, broughtBy } : fresh);
    }
    counts.vanished += before.size;
    if (differs || before.size > 0) component.changedAt = at;
    component.matched = true;
  }

  async places(): Promise<readonly Place[]> {
    const releases = await this.ledger.listReleases({ limit: 10_000 });
    const services = [...new Set(releases.map(({ svc }) => svc))].sort();
    const channels = await Promise.all(
      services.map(async (svc) =>
        (await this.ledger.listChannels(svc)).flatMap(({ channel, digest, changedAt: at }) =>
          digest === null ? [] : [{ svc, digest, channel, env: null, at }],
        ),
      ),
    );
    const running = this.running.map(({ svc, digest, env, seenAt: at }) => ({
      ...{ svc, digest, channel: null, env, at },
    }));
    return [...channels.flat(), ...running];
  }

  componentsOf(digest: Digest): readonly HeldComponent[] {
    const made = this.held.digests.get(digest);
    if (made === undefined || made === 'gone') return [];
    const keys = new Set(made.components.map(componentKey));
    return [...this.held.components].flatMap(([key, one]) => (keys.has(key) ? [one] : []));
  }

  /** What of a digest is asked after. */
  asked(digest: Digest, of: ImpactOf): readonly ImpactedComponent[] {
    const newest = this.newest()?.digest;
    return this.componentsOf(digest)
      .flatMap((one): ImpactedComponent[] => {
        const { purl } = one;
        const all = [...one.matches].map(([advisory, match]) => ({ advisory, ...match }));
        const toImpacted = (found: typeof all): ImpactedComponent[] =>
          found.map(({ advisory, severity, fixedVersion, since: knownSince }) => ({
            ...{ purl, advisory, severity, fixedVersion, knownSince },
          }));
        if (of.kind === 'advisory') {
          const id = of.id.toUpperCase();
          return toImpacted(all.filter(({ advisory }) => advisory.toUpperCase() === id));
        }
        if (of.kind === 'database') {
          return toImpacted(all.filter(({ broughtBy }) => broughtBy === newest));
        }
        if (!this.isAsked(one, of)) return [];
        const nothing = { advisory: null, severity: null, fixedVersion: null, knownSince: null };
        return all.length > 0 ? toImpacted(all) : [{ purl, ...nothing }];
      })
      .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  }

  private isAsked(
    { purl, name, version }: HeldComponent,
    of: Extract<ImpactOf, { readonly kind: 'package' }>,
  ): boolean {
    const [base = '', ownVersion = ''] = (purl.split('?')[0] ?? '').split('@');
    const [, prefix = '', last = ''] = /^(.*\/)([^/]*)$/.exec(of.base) ?? [];
    const isSource =
      /^pkg:(deb|rpm|apk)\//.test(of.base) && name === last && purl.startsWith(prefix);
    const isVersion =
      of.version === null ||
      version === of.version ||
      ownVersion.replaceAll('%2B', '+') === of.version;
    return (base.toLowerCase() === of.base || isSource) && isVersion;
  }
}

function sortKey({ severity, advisory, purl }: ImpactedComponent): string {
  const place = severity === null ? 9 : SEVERITIES.indexOf(severity);
  return `${place} ${advisory ?? ''} ${purl}`;
}

async function hitsOf(matches: Matches, id?: string): Promise<readonly AdvisoryHit[]> {
  const byImage = new Map<string, Place[]>();
  for (const place of await matches.places()) {
    const key = `${place.svc} ${place.digest}`;
    byImage.set(key, [...(byImage.get(key) ?? []), place]);
  }
  const found = new Map<string, AdvisoryHit>();
  for (const places of byImage.values()) {
    const { svc, digest } = places[0]!;
    const channels = places.flatMap(({ channel }) => channel ?? []).sort();
    const running = [...new Set(places.flatMap(({ env }) => env ?? []))].sort();
    const [since = null] = places.flatMap(({ channel, at }) => (channel === null ? [] : at)).sort();
    const parts = [...matches.componentsOf(digest)].sort((a, b) => (a.purl < b.purl ? -1 : 1));
    for (const severity of ['CRITICAL', 'HIGH'] as const) {
      for (const part of parts) {
        for (const [advisory, match] of part.matches) {
          const key = `${advisory} ${svc} ${digest}`;
          if (match.severity !== severity || found.has(key)) continue;
          if (id !== undefined && id.toUpperCase() !== advisory.toUpperCase()) continue;
          const { purl } = part;
          const { fixedVersion } = match;
          const place = { svc, digest, channels: channels as AdvisoryHit['channels'], running };
          found.set(key, { advisory, severity, ...place, purl, fixedVersion, since });
        }
      }
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, hit]) => hit);
}

async function impactOf(
  matches: Matches,
  { held, ledger }: { readonly held: FakeComponents; readonly ledger: FakeLedger },
  of: ImpactOf,
): Promise<readonly ImpactedDigest[]> {
  const places = await matches.places();
  const releases = await ledger.listReleases({ limit: 10_000 });
  const found = [...held.digests.keys()].flatMap((digest): ImpactedDigest[] => {
    const components = matches.asked(digest, of);
    const here = places.filter((one) => one.digest === digest);
    if (components.length === 0 || (of.kind === 'database' && here.length === 0)) return [];
    const services = releases.filter((one) => one.digest === digest).map(({ svc }) => svc);
    return [
      {
        digest,
        services: [...new Set(services)].sort(),
        components,
        channels: here.flatMap(({ svc, channel, at }) =>
          channel === null ? [] : [{ svc, channel, since: at }],
        ),
        running: here.flatMap(({ svc, env, at }) =>
          env === null ? [] : [{ svc, env, seenAt: at }],
        ),
      },
    ];
  });
  const rank = ({ channels, running, digest }: ImpactedDigest): string =>
    [
      channels.some(({ channel }) => channel === 'prod:stable') ? 0 : 1,
      running.length > 0 ? 0 : 1,
      channels.length > 0 ? 0 : 1,
      digest,
    ].join(' ');
  return found.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

interface Parts {
  readonly held: FakeComponents;
  readonly ledger: FakeLedger;
}

async function ratingsOf(
  matches: Matches,
  { held, ledger }: Parts,
  asked: { readonly advisory: string; readonly digests: readonly Digest[] },
): Promise<SettledRatings | null> {
  const last = matches.lastBegun();
  const isNewer = (one: Database): boolean => one.updatedAt > (last?.updatedAt ?? '');
  if (!last || last.matchedAt === null || matches.databases.some(isNewer)) return null;
  const missing = new Set((await missingOf(ledger, held)).map(({ digest }) => digest));
  const ratings = asked.digests.flatMap((digest) => {
    const made = held.digests.get(digest);
    if (made === undefined || made === 'gone' || missing.has(digest)) return [];
    const isWhole = matches.componentsOf(digest).every(({ matched }) => matched);
    if (!isWhole || made.uncovered.length > 0) return [];
    const found = matches.asked(digest, { kind: 'advisory', id: asked.advisory });
    return [{ digest, severities: [...new Set(found.flatMap((one) => one.severity ?? []))] }];
  });
  const { digest, updatedAt } = last;
  return ratings.length === 0 ? null : { database: { digest, updatedAt }, ratings };
}

async function unmatchedOf(
  matches: Matches,
  { held, ledger }: Parts,
): Promise<readonly UnmatchedPlace[]> {
  const missing = new Set((await missingOf(ledger, held)).map(({ digest }) => digest));
  const places = await matches.places();
  return places.flatMap(({ svc, digest, channel, env }) => {
    const isMatched = matches.componentsOf(digest).every(({ matched }) => matched);
    const where = channel ?? `runs in ${env}`;
    return isMatched && !missing.has(digest) ? [] : [{ svc, digest, where }];
  });
}

/** Reads the other fakes, so that a test changes them as the product would. */
export function createFakeAdvisoryMatches(parts: Parts): FakeMatches {
  const { held, ledger } = parts;
  const matches = new Matches(held, ledger);
  const databaseOf = ({ digest }: MatchedDatabase): Database =>
    matches.databases.find((one) => one.digest === digest)!;
  return withCallFaults<AdvisoryMatches & Pick<FakeMatches, 'touched'>>({
    touched: (digest, sbom, scannedAt) => {
      const made = held.digests.get(digest);
      if (made === undefined || made === 'gone' || made.sbom !== sbom) return Promise.resolve(null);
      const components = matches.componentsOf(digest);
      if (made.uncovered.length > 0 || components.some(({ matched }) => !matched)) {
        return Promise.resolve(null);
      }
      return Promise.resolve(
        components.some(({ changedAt }) => (changedAt ?? '') > (scannedAt ?? '')),
      );
    },
    matchedWith: () => {
      const newest = matches.newest();
      return Promise.resolve(
        newest ? { digest: newest.digest, updatedAt: newest.updatedAt } : null,
      );
    },
    begin: (database, at) => {
      matches.begin(database, at);
      return Promise.resolve();
    },
    packages: ({ unmatched, after, limit }) =>
      Promise.resolve(
        matches
          .packages()
          .filter(({ id }) => after === null || id > after)
          .filter(({ advisories }) => !unmatched || advisories === null)
          .sort((a, b) => a.id - b.id)
          .slice(0, limit),
      ),
    settle: (database, packages, at) =>
      Promise.resolve(matches.settle(databaseOf(database), packages, at)),
    finish: (database, at) => {
      databaseOf(database).matchedAt = at;
      return Promise.resolve();
    },
    recordRunning: (targets, running, at) => {
      const isAsked = (one: Pick<RunningDigest, 'svc' | 'env'>): boolean =>
        targets.some(({ svc, env }) => svc === one.svc && env === one.env);
      matches.running = [
        ...matches.running.filter((one) => !isAsked(one)),
        ...running.map((one) => ({ ...one, seenAt: at })),
      ];
      return Promise.resolve();
    },
    hits: (advisory) => hitsOf(matches, advisory),
    hitsWhich: (advisory, digests) =>
      Promise.resolve(
        [...digests].sort().flatMap((digest) => {
          const made = held.digests.get(digest);
          if (made === undefined || made === 'gone') return [];
          const parts = matches.componentsOf(digest);
          const hit = matches.asked(digest, { kind: 'advisory', id: advisory }).length > 0;
          const isWhole = made.uncovered.length === 0 && parts.every(({ matched }) => matched);
          return hit || isWhole ? [{ digest, hit }] : [];
        }),
      ),
    ratingsOf: (advisory, digests) => ratingsOf(matches, parts, { advisory, digests }),
    unmatched: async (services, limit) => {
      const all = await unmatchedOf(matches, parts);
      return all.filter(({ svc }) => services.includes(svc)).slice(0, limit);
    },
    impact: async (of, limit) => {
      const all = await impactOf(matches, parts, of);
      return { total: all.length, digests: all.slice(0, limit) };
    },
  });
}
