import type { AdvisorySeverity } from '../domain/advisories/advisory';
import type { AdvisoryHit } from '../domain/advisories/case';
import type { Component } from '../domain/advisories/component';
import type { Digest } from '../domain/digest';
import type { Environment } from '../domain/reference';

/** A database of the scanner that the index was matched with. */
export interface MatchedDatabase {
  /** `sha256:` of the file. */
  readonly digest: string;
  /** RFC 3339. */
  readonly updatedAt: string;
}

/** A package with the components of it that the index has. */
export interface PackageToMatch {
  /** In the index; grows. */
  readonly id: number;
  readonly space: string;
  readonly name: string;
  readonly products: readonly string[];
  /** Hex of the sha256 of the advisories that it was last matched with; null: never, or not with all of its components. */
  readonly advisories: string | null;
  readonly components: readonly (Component & { readonly id: number })[];
}

export interface PackageQuery {
  /** Only those with a component that was never matched. */
  readonly unmatched: boolean;
  readonly after: number | null;
  readonly limit: number;
}

/** An advisory that hits a component. */
export interface ComponentMatch {
  /** Of the component. */
  readonly component: number;
  readonly advisory: string;
  readonly severity: AdvisorySeverity;
  readonly fixedVersion: string | null;
}

/** All matches of the components of a package. */
export interface MatchedPackage {
  readonly id: number;
  /** Hex of the sha256 of its advisories. */
  readonly advisories: string;
  readonly components: readonly number[];
  readonly matches: readonly ComponentMatch[];
}

export interface SettledMatches {
  readonly appeared: number;
  readonly vanished: number;
  /** Told with another severity or fixed version. */
  readonly changed: number;
}

/** Where an image runs, as its target said. */
export interface RunningDigest {
  readonly svc: string;
  readonly env: Environment;
  readonly digest: Digest;
}

/** What is asked after. Advisories in upper or lower case. */
export type ImpactOf =
  | { readonly kind: 'advisory'; readonly id: string }
  /** `base`: normalised, without version and qualifiers; `version` null: any. */
  | { readonly kind: 'package'; readonly base: string; readonly version: string | null }
  /** What the newest database brought, of digests that a channel points at or that run. */
  | { readonly kind: 'database' };

export interface ImpactedComponent {
  readonly purl: string;
  /** Null: no advisory of the database hits it, and it was asked after by its purl. */
  readonly advisory: string | null;
  readonly severity: AdvisorySeverity | null;
  readonly fixedVersion: string | null;
  /** RFC 3339: when the advisory was first known to hit it. */
  readonly knownSince: string | null;
}

export interface ImpactedDigest {
  readonly digest: Digest;
  /** Services that released it. */
  readonly services: readonly string[];
  /** Severest first; the first hundred. */
  readonly components: readonly ImpactedComponent[];
  /** With the time (RFC 3339) since when each points at it. */
  readonly channels: readonly {
    readonly svc: string;
    readonly channel: string;
    readonly since: string;
  }[];
  readonly running: readonly {
    readonly svc: string;
    readonly env: string;
    readonly seenAt: string;
  }[];
}

export interface Impact {
  /** All there are; `digests` are the first of them: in channels or running before the rest. */
  readonly total: number;
  readonly digests: readonly ImpactedDigest[];
}

/** Whether an advisory hits a digest, by the index. */
export interface HitAnswer {
  readonly digest: Digest;
  readonly hit: boolean;
}

/** How an advisory is rated on a digest, by all that the digest is made of. */
export interface DigestRating {
  readonly digest: Digest;
  /** Each once; none: the advisory does not hit it. */
  readonly severities: readonly AdvisorySeverity[];
}

/** By which what was said before may be taken back. */
export interface SettledRatings {
  readonly database: MatchedDatabase;
  readonly ratings: readonly DigestRating[];
}

/** Something released that may be hit by anything. */
export interface UnmatchedPlace {
  readonly svc: string;
  readonly digest: Digest;
  /** `prod:stable`, or `runs in prod`. */
  readonly where: string;
}

/** Which advisories hit what of the index. Throws ReleaseError LEDGER_UNAVAILABLE. */
export interface AdvisoryMatches {
  /** By which all of the index was matched last; null: it never was. */
  matchedWith(): Promise<MatchedDatabase | null>;
  /** Before its first package is settled, and once more when it goes on after another one; `at`: RFC 3339. */
  begin(database: MatchedDatabase, at: string): Promise<void>;
  packages(query: PackageQuery): Promise<readonly PackageToMatch[]>;
  /**
   * Writes down all matches of these components, in place of what they had. A package that got another one meanwhile stays
   * unmatched. Says the same when said again.
   */
  settle(
    database: MatchedDatabase,
    packages: readonly MatchedPackage[],
    at: string,
  ): Promise<SettledMatches>;
  /** All packages were settled with it. */
  finish(database: MatchedDatabase, at: string): Promise<void>;
  /** What runs on these targets, in place of what was known of them. */
  recordRunning(
    targets: readonly Pick<RunningDigest, 'svc' | 'env'>[],
    running: readonly RunningDigest[],
    at: string,
  ): Promise<void>;
  /** Critical and High on digests that a channel points at or that run: one an advisory, service and digest; by advisory. */
  hits(advisory?: string): Promise<readonly AdvisoryHit[]>;
  /**
   * Whether the advisory, in upper or lower case, hits these digests. Those are left out of which that can't be told: that are not
   * indexed, or are not hit by what is known of them while some of it was never matched or only the scanner judges it.
   */
  hitsWhich(advisory: string, digests: readonly Digest[]): Promise<readonly HitAnswer[]>;
  /**
   * How the advisory, in upper or lower case, is rated on these digests. Those are left out of which not all can be told: that are not
   * indexed by the SBOM on record, have parts that were never matched or that only the scanner judges. Null when none is left, and
   * unless all was matched with the newest database of all that were ever begun with, and with no other since.
   */
  ratingsOf(advisory: string, digests: readonly Digest[]): Promise<SettledRatings | null>;
  /**
   * Released digests of these services in a channel or running whose SBOM is not indexed or has parts that were never matched. By
   * service.
   */
  unmatched(services: readonly string[], limit: number): Promise<readonly UnmatchedPlace[]>;
  /** `limit`: of digests. */
  impact(of: ImpactOf, limit: number): Promise<Impact>;
}
