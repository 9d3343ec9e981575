import type { Digest } from '../domain/digest';
import type { KeptBy, KeptImage, LastScan } from '../domain/rescan';

/** A released digest that has to stay fit to run, with the newest answer about it. */
export interface KeptScan extends KeptImage {
  /** The release that a verdict about it belongs to, and where it was released to. */
  readonly releaseId: string;
  readonly repository: string;
  /** Never empty. */
  readonly kept: readonly KeptBy[];
  /** Null: it was never scanned. */
  readonly scan: LastScan | null;
  /** `sha256:` of the SBOM that its release made; null when none is on record. */
  readonly sbom: string | null;
  /**
   * Whether other advisories hit it than when it was scanned, as far as the index was matched; null: that can't be told, as it is
   * not indexed, or has packages that only the scanner judges.
   */
  readonly touched: boolean | null;
}

/** Where a walk goes on: behind the last image that was looked at. */
export interface KeptCursor extends KeptImage {
  /** RFC 3339; null: never. */
  readonly scannedAt: string | null;
  /** What is touched was looked at, and now the rest is; absent before. */
  readonly rest?: true;
}

export interface KeptQuery {
  readonly svc?: string;
  readonly digest?: Digest;
  /** Kept too, since they run; known from elsewhere. */
  readonly running?: readonly KeptImage[];
  /** What was prod:stable since then (RFC 3339), and so many before what is now, is kept for a rollback. */
  readonly windowSince: string;
  readonly windowPins: number;
  /** RFC 3339: only those without a scan since then. */
  readonly notScannedSince?: string;
  /** RFC 3339: only those with a scan since then. */
  readonly scannedSince?: string;
  /** Only those that are `touched`. */
  readonly touched?: true;
  readonly after?: KeptCursor | null;
  readonly limit: number;
}

/** What is kept and has to be scanned again. Throws ReleaseError LEDGER_UNAVAILABLE. */
export interface Rescans {
  /** Longest unscanned first, never scanned ones before all others. Only digests that a release put where they are. */
  listKept(query: KeptQuery): Promise<readonly KeptScan[]>;
  /** Services that ever had a channel, by name. */
  services(): Promise<readonly string[]>;
}
