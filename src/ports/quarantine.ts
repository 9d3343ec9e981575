import type { Digest } from '../domain/digest';

export interface QuarantineEntry {
  readonly digest: Digest;
  readonly reason: string;
  readonly cves: readonly string[];
  readonly actor: string;
  readonly at: string;
  readonly graceUntil: string | null;
  readonly expiresAt: string | null;
  readonly liftedAt: string | null;
  readonly liftedBy: string | null;
  readonly liftReason: string | null;
}

export interface QuarantinePlace {
  readonly repository: string;
  readonly digest: Digest;
  readonly tags: readonly string[];
}

/** Every method throws ReleaseError LEDGER_UNAVAILABLE when it could not find out. An expired entry counts as lifted. */
export interface Quarantine {
  /**
   * Idempotent: a digest under quarantine keeps its first entry, with the CVE ids of both, the later end (none is latest)
   * and the shorter grace (none is shortest). A person's word takes the place of the system's, which what the system lifts later then
   * leaves alone.
   */
  add(
    entry: Omit<QuarantineEntry, 'liftedAt' | 'liftedBy' | 'liftReason'>,
  ): Promise<QuarantineEntry>;
  /**
   * False when it was not under quarantine; the same call again, as after a lost answer, says true again.
   *
   * @param onlyOf lifts it only while it is this one's
   */
  lift(
    digest: Digest,
    actor: string,
    reason: string,
    at: string,
    onlyOf?: string,
  ): Promise<boolean>;
  /** The open entry. */
  get(digest: Digest): Promise<QuarantineEntry | null>;
  /** Open ones, newest first; with `all`, lifted ones too. */
  list(filter: {
    readonly all?: boolean;
    readonly limit: number;
  }): Promise<readonly QuarantineEntry[]>;
  /** Where it, the indexes around it and the manifests in it are, at any depth, by the inventory; by repository and digest. */
  places(digest: Digest): Promise<readonly QuarantinePlace[]>;
  /** Some channel points at it now. */
  isRunning(digest: Digest): Promise<boolean>;
}
