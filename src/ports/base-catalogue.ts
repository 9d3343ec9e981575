import type { PinnedBase } from '../domain/bases';
import type { Digest } from '../domain/digest';

/** A base that was verified at its vendor, copied into `bases/{family}` and signed by the base custodian. */
export interface ImportedBase {
  /** Of the policy, e.g. `static-debian13`. */
  readonly family: string;
  /** Of the vendor, e.g. `3.22.2`. */
  readonly version: string;
  /** The mirror: `bases/{family}`, tag `{version}_{date}`. */
  readonly repository: string;
  readonly tag: string;
  readonly digest: Digest;
  /** Where it came from, with the digest there. */
  readonly source: string;
  readonly sourceDigest: Digest;
  /** What its vendor's signature was verified by, as people read it; `approval of {actor}` where the vendor signs nothing. */
  readonly verifiedBy: string;
  /** RFC 3339. */
  readonly importedAt: string;
  readonly importedBy: string;
  /** RFC 3339: builds may not start from it since; null while they may. */
  readonly withdrawnAt: string | null;
}

/** One image of a service that stands on a base, by its provenance. */
export interface BaseUse {
  readonly svc: string;
  readonly releaseId: string;
  readonly digest: Digest;
  readonly baseRepository: string;
  readonly baseDigest: Digest;
}

/** A person's word for one digest of a family: that it is the vendor's, where that signs nothing, or that what is found in it may stay. */
export interface BaseApproval {
  readonly family: string;
  readonly digest: Digest;
  readonly approvedBy: string;
  readonly reason: string;
  /** Whether Critical and High found in it are accepted, too. */
  readonly acceptsFindings: boolean;
  /** RFC 3339. */
  readonly at: string;
}

/** Which bases there are, and what stands on them. Throws ReleaseError LEDGER_UNAVAILABLE. */
export interface BaseCatalogue {
  /** True when it was not there before. One row a repository and digest. */
  add(base: ImportedBase): Promise<boolean>;
  /** Newest first in each family; withdrawn ones too. */
  list(family?: string): Promise<readonly ImportedBase[]>;
  /** False when it is not there, or was withdrawn before. */
  withdraw(repository: string, digest: Digest, at: string): Promise<boolean>;
  /** A later one of the same digest stands in place of the earlier. */
  approve(approval: BaseApproval): Promise<void>;
  findApproval(family: string, digest: Digest): Promise<BaseApproval | null>;
  /** Written when the provenance of a release is judged; says the same when said again. */
  recordUse(uses: readonly BaseUse[]): Promise<void>;
  /** What `prod:stable` of each service stands on. */
  stableUses(svc?: string): Promise<readonly BaseUse[]>;
  /** Images that stand on this base, newest release first. */
  usesOf(baseDigest: Digest, limit: number): Promise<readonly BaseUse[]>;
}

/** What builds may start from by now: base name as Dockerfiles write it, to its pin. Throws LEDGER_UNAVAILABLE. */
export type ReadBases = () => Promise<Readonly<Record<string, PinnedBase>>>;
