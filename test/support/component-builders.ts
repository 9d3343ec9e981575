import type { AdvisorySeverity } from '../../src/domain/advisories/advisory';
import type { Component } from '../../src/domain/advisories/component';
import type {
  MatchedDatabase,
  MatchedPackage,
  PackageToMatch,
} from '../../src/ports/advisory-matches';

/** A package of Debian 12, `openssl` as `libssl3` unless `over` says otherwise. */
export function debian(over: Partial<Component> = {}): Component {
  const version = over.version ?? '3.0.11-1~deb12u2';
  return {
    space: 'debian 12',
    name: 'openssl',
    version,
    purl: `pkg:deb/debian/libssl3@${version}?arch=amd64&distro=debian-12`,
    arch: 'amd64',
    products: [],
    ...over,
  };
}

export function npm(name: string, version: string): Component {
  const purl = `pkg:npm/${name}@${version}`;
  return { space: 'npm', name, version, purl, arch: '', products: [] };
}

export function databaseOf(seed: string): MatchedDatabase {
  return { digest: `sha256:${seed.repeat(64)}`, updatedAt: '2026-01-02T00:00:00.000Z' };
}

export interface HitOf {
  readonly advisory: string;
  readonly severity?: AdvisorySeverity;
  readonly fixedVersion?: string | null;
}

/** All components of the package hit by these. */
export function matchedBy(one: PackageToMatch, ...hits: readonly HitOf[]): MatchedPackage {
  const components = one.components.map(({ id }) => id);
  return {
    id: one.id,
    advisories: Buffer.alloc(32, hits.length + 1).toString('hex'),
    components,
    matches: components.flatMap((component) =>
      hits.map(({ advisory, severity = 'HIGH', fixedVersion = null }) => ({
        ...{ component, advisory, severity, fixedVersion },
      })),
    ),
  };
}
