import type { Digest } from '../domain/digest';
import type { WormItem, WormOrder, WormTag, WormVersion } from '../domain/worm/manifest';

/** copying: not all is there. damaged: what was read back last is not what was stored. failed: it could not be made. */
export type WormState = 'copying' | 'held' | 'damaged' | 'failed';

export interface RecordedWormCopy extends WormOrder {
  readonly state: WormState;
  /** Contents and their bytes; 0 before they are known. */
  readonly objects: number;
  readonly bytes: number;
  /** Legacy tags of signatures; known with its contents. */
  readonly legacyTags: readonly WormTag[];
  /** The manifest of hashes; null before it is written. */
  readonly manifest: (WormVersion & { readonly digest: Digest }) | null;
  /** RFC 3339: when all of it was last read back. */
  readonly verifiedAt: string | null;
  /** Sentences: what is damaged, or why it failed; at most 100. */
  readonly problems: readonly string[];
}

/** A content to copy, and where it lies once it was copied and read back. */
export interface WormStep extends WormItem {
  readonly ordinal: number;
  readonly stored: WormVersion | null;
}

export interface Sealed {
  readonly lockUntil: string;
  readonly objects: number;
  readonly bytes: number;
  readonly manifest: WormVersion & { readonly digest: Digest };
  readonly at: string;
}

/** Incident copies in the WORM store. Every method throws ReleaseError LEDGER_UNAVAILABLE when it could not find out. */
export interface WormCopies {
  /** Idempotent by id: the first content stays. */
  begin(order: WormOrder): Promise<RecordedWormCopy>;
  get(id: string): Promise<RecordedWormCopy | null>;
  /** Newest first. */
  list(filter: {
    readonly digest?: Digest;
    readonly limit: number;
  }): Promise<readonly RecordedWormCopy[]>;
  /** Of one that is being made, once: a list that is there stays as it is. */
  addSteps(id: string, items: readonly WormItem[], legacyTags: readonly WormTag[]): Promise<void>;
  /** In order. */
  steps(id: string): Promise<readonly WormStep[]>;
  stepDone(id: string, ordinal: number, stored: WormVersion): Promise<void>;
  /** All is there and was read back: it is held, or locked for longer. What is damaged stays so. The steps go. */
  seal(id: string, sealed: Sealed): Promise<void>;
  /** Of one that is being made. */
  giveUp(id: string, problem: string): Promise<void>;
  /** Of a held or damaged one: damaged with problems, held without. */
  verified(id: string, at: string, problems: readonly string[]): Promise<void>;
}
