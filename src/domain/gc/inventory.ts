import type { Digest } from '../digest';

/** What garbage collection looks at, row by row: a million manifests never stand in memory as objects. Times are ms since the epoch. */
export interface GcManifest {
  readonly repository: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly size: number;
  readonly subject: Digest | null;
  /** Null: not known, which keeps it. */
  readonly pushedAtMs: number | null;
  readonly lastPulledAtMs: number | null;
  /** The registry has not answered its push yet. */
  readonly pending: boolean;
}

export interface GcEdge {
  readonly repository: string;
  readonly parent: Digest;
  readonly kind: 'config' | 'layer' | 'child';
  readonly child: Digest;
  readonly size: number;
}

export interface GcTag {
  readonly repository: string;
  readonly tag: string;
  readonly digest: Digest;
  readonly pushedAtMs: number | null;
  readonly lastPulledAtMs: number | null;
}

/** A blob that a repository holds, whether or not a manifest names it. */
export interface GcBlob {
  readonly repository: string;
  readonly digest: Digest;
  readonly size: number;
}

/** Takes an inventory in any order, once. */
export interface InventorySink {
  /** Another way in, for a source that reads millions of rows: without an object or a text a row. */
  readonly numbered?: NumberedSink;
  manifest(row: GcManifest): void;
  edge(row: GcEdge): void;
  tag(row: GcTag): void;
  blob(row: GcBlob): void;
  /**
   * Something could not be read: nothing that it may reach is planned. Without a digest the whole repository is kept, without a
   * repository everything is.
   */
  unknown(gap: InventoryGap): void;
}

/** The rows of an InventorySink with repositories and digests as the numbers that it gives them. A time that is not known is NaN. */
export interface NumberedSink {
  repository(name: string): number;
  /**
   * The digest whose 64 hex digits begin at `at`; they are not looked at again. `likely`, 0 or more, is a guess: numbers are given one
   * after the other, so what is told in the same order twice has the next one.
   */
  digest(bytes: DataView, at: number, likely: number): number;
  manifest(
    repository: number,
    digest: number,
    size: number,
    /** -1: none. */
    subject: number,
    pushedAtMs: number,
    lastPulledAtMs: number,
    isPending: boolean,
  ): void;
  edge(repository: number, parent: number, isChild: boolean, child: number, size: number): void;
  tag(
    repository: number,
    name: string,
    digest: number,
    pushedAtMs: number,
    lastPulledAtMs: number,
  ): void;
  blob(repository: number, digest: number, size: number): void;
}

export interface InventoryGap {
  readonly repository: string | null;
  readonly digest: Digest | null;
  readonly reason: string;
}
