import type { Digest } from '../domain/digest';

/** A blob or manifest that a manifest names. */
export interface InventoryEdge {
  readonly kind: 'config' | 'layer' | 'child';
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
}

export interface ManifestRecord {
  readonly repository: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly size: number;
  readonly subject: Digest | null;
  readonly edges: readonly InventoryEdge[];
}

export interface PushRecord extends ManifestRecord {
  /**
   * One attempt, unique to it (the request's id): begin, complete and abandon of the attempt carry the same. Without it,
   * attempts of one actor in one millisecond can't be told apart, and a claim may stay pending longer than it had to.
   */
  readonly id?: string;
  /** Null when pushed by digest. */
  readonly tag: string | null;
  readonly writeOnce: boolean;
  readonly actor: string;
  readonly at: string;
  /** Keys of `exclusively` whose work has to end before the push begins: deletes of what it is or names. */
  readonly after?: readonly string[];
}

/** What happened to a manifest, or is happening. */
export interface ManifestChange {
  /**
   * pushing: of it, or of what names it, whenever that began. referrer, parent: of a manifest that refers to it or names it.
   * tag: one that points at it was written.
   */
  readonly kind: 'pushing' | 'pushed' | 'pulled' | 'tag' | 'referrer' | 'parent';
  /** The tag, referrer, parent or push; the manifest itself otherwise. */
  readonly name: string;
  /** RFC 3339. */
  readonly at: string;
}

export type Claim =
  /** Ours, or none was needed. */
  | { readonly kind: 'claimed' }
  /** The same digest was claimed before: a repeated push. */
  | { readonly kind: 'same' }
  | {
      readonly kind: 'taken';
      readonly digest: Digest;
      readonly by: string;
      readonly at: string;
      /** The push that claimed it never told its end: it may be replaced if the registry lacks the tag. */
      readonly abandoned: boolean;
    };

export interface TagRecord {
  readonly repository: string;
  readonly tag: string;
  readonly digest: Digest;
  readonly pushedBy: string;
  readonly pushedAt: string;
  readonly lastPulledAt: string | null;
  readonly writeOnce: boolean;
}

/** One read, as the gateway served it. */
export interface Activity {
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: Digest;
  readonly at: string;
}

export interface RegistryEvent {
  readonly kind: 'pull-blocked' | 'push-refused' | 'around-gateway' | 'drift' | 'admission-denied';
  readonly repository: string;
  readonly reference: string;
  readonly actor: string;
  readonly at: string;
  readonly detail: Readonly<Record<string, string | number | readonly string[]>>;
}

/** What the registry holds by record, against what was found there. */
export interface RepositoryRecord {
  readonly repository: string;
  readonly tags: readonly TagRecord[];
  readonly manifests: readonly Digest[];
}

/** A claim whose push told no end for so long is abandoned; a push has to be given up well before. */
export const CLAIM_ABANDONED_AFTER_MS = 60_000;

/**
 * What the registry holds, kept in the same transaction as the claim of a tag. Every method throws ReleaseError
 * LEDGER_UNAVAILABLE when it could not find out.
 */
export interface Inventory {
  /**
   * Before the registry sees a manifest: claims a write-once tag, and records manifest, edges, blobs and tag as pending, in
   * one transaction. Two racing first pushes: exactly one gets `claimed`. With `replaceAbandoned`, an abandoned claim goes.
   * Waits for the work under the keys `after`; what begins under them later sees the push.
   */
  beginPush(push: PushRecord, replaceAbandoned?: boolean): Promise<Claim>;
  /**
   * The registry took it: the claim is final, the tag follows. Idempotent. A push that was never begun (found by the
   * reconcile) is recorded whole. When another digest took the claim meanwhile, the tag stays and a `drift` event is recorded.
   */
  completePush(push: PushRecord): Promise<void>;
  /**
   * The registry refused it: the claim goes with the last push of its digest that was under way. One that is final
   * (taken by the registry before, or by a release) stays, and so does one that a push of unknown end holds.
   */
  abandonPush(push: PushRecord): Promise<void>;
  recordBlob(
    repository: string,
    digest: Digest,
    size: number,
    actor: string,
    at: string,
  ): Promise<void>;
  /** A claim outlives its tag: a deleted write-once tag can't be written again. */
  recordTagDelete(repository: string, tag: string, actor: string, at: string): Promise<void>;
  /** With all tags that pointed at it. */
  recordManifestDelete(
    repository: string,
    digest: Digest,
    actor: string,
    at: string,
  ): Promise<void>;
  /** Newest time wins; unknown ones are ignored. */
  recordActivity(reads: readonly Activity[]): Promise<void>;
  /**
   * A pusher asks whether a manifest is there, to leave it out of what it sends: a pull that is written down before the answer,
   * after the work under the keys `after`. False when the inventory does not have it.
   */
  recordCheck(check: Activity, after: readonly string[]): Promise<boolean>;
  /** What happened to a manifest at or after `since` (RFC 3339); one of each kind. */
  listChanges(
    repository: string,
    digest: Digest,
    since: string,
  ): Promise<readonly ManifestChange[]>;
  recordEvent(event: RegistryEvent): Promise<void>;
  /** A gateway had written down all that it was asked until `at`. Newest time wins. */
  recordHeard(at: string): Promise<void>;
  /** The reconcile came to the end of the registry at `at`. Newest time wins. */
  recordWalk(at: string): Promise<void>;
  /** Newest first. */
  listEvents(filter: {
    readonly kind?: RegistryEvent['kind'];
    readonly limit: number;
  }): Promise<readonly RegistryEvent[]>;
  getTag(repository: string, tag: string): Promise<TagRecord | null>;
  /** By name, after `after`. */
  listTags(
    repository: string,
    page: { readonly after?: string; readonly limit: number },
  ): Promise<readonly TagRecord[]>;
  /** Names of the tags of a repository that point at one of `digests`. */
  tagsOf(repository: string, digests: readonly Digest[]): Promise<readonly string[]>;
  listRepositories(page: {
    readonly after?: string;
    readonly limit: number;
  }): Promise<readonly string[]>;
  getManifest(repository: string, digest: Digest): Promise<ManifestRecord | null>;
  /** Manifests of the repository whose subject it is. */
  listReferrers(repository: string, subject: Digest): Promise<readonly ManifestRecord[]>;
  /** Indexes of the repository that name it as a child. */
  listParents(repository: string, child: Digest): Promise<readonly Digest[]>;
  readRepository(repository: string): Promise<RepositoryRecord>;
  /**
   * Runs `work` while nobody else, in any process, runs work under the same key. Not to be nested; several keys are taken in
   * the order given.
   * @throws ReleaseError LEDGER_UNAVAILABLE when its turn does not come in time, and when the lock was lost on the way
   * (`work` may have run to its end); else what `work` throws.
   */
  exclusively<T>(key: string | readonly string[], work: () => Promise<T>): Promise<T>;
}
