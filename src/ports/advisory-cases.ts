import type {
  AdvisoryCase,
  AdvisoryHit,
  CaseExtension,
  CaseLook,
  CaseResolution,
} from '../domain/advisories/case';
import type { CaseAct, DigestActs } from '../domain/advisories/case-action';
import type { Digest } from '../domain/digest';

export const CASE_EVENT_KINDS = [
  'opened',
  'hit',
  'blocked',
  'quarantined',
  'rollup',
  'replaced',
  'overdue',
  'extended',
  'note',
  'closed',
] as const;

export interface CaseEvent {
  readonly advisory: string;
  /** RFC 3339. */
  readonly at: string;
  readonly kind: (typeof CASE_EVENT_KINDS)[number];
  readonly text: string;
  readonly actor: string;
}

export interface RecordedCase extends AdvisoryCase {
  readonly extension: CaseExtension | null;
  /** Null while it is open. */
  readonly resolution: CaseResolution | null;
  /** Null before the first. */
  readonly look: CaseLook | null;
}

/** Of one advisory. More hits than that are a matter of the whole registry. */
export const MAX_CASE_HITS = 20_000;

/**
 * Open advisories and what was done about them. An advisory has one open case at most; where a method names no case, it means
 * the open one, else the newest. Throws ReleaseError LEDGER_UNAVAILABLE.
 */
export interface AdvisoryCases {
  /**
   * The open case of the advisory, opened now when there is none; what is hit is added. More severe than it was, it gets more
   * severe and is due no later than `one`. Throws INVALID_INPUT above MAX_CASE_HITS.
   */
  open(one: AdvisoryCase, hits: readonly AdvisoryHit[]): Promise<RecordedCase>;
  read(advisory: string): Promise<RecordedCase | null>;
  /** Open ones soonest due first, then closed ones newest first. */
  list(state: 'open' | 'closed' | 'all', limit: number): Promise<readonly RecordedCase[]>;
  /** By service and digest. */
  hitsOf(advisory: string): Promise<readonly AdvisoryHit[]>;
  /** Of these digests those that a person called not affected, and for how long that holds has not passed. */
  dismissed(advisory: string, digests: readonly Digest[], at: string): Promise<readonly Digest[]>;
  /** Every digest that was hit, with what was done to it for this case. */
  acts(advisory: string): Promise<readonly DigestActs[]>;
  recordAct(advisory: string, digest: Digest, act: CaseAct, at: string): Promise<void>;
  /** Of these digests those that another case has hit: an open one, or one whose blocks stay since all was replaced. */
  wantedByOthers(advisory: string, digests: readonly Digest[]): Promise<readonly Digest[]>;
  /** The open case hits these digests no more: its hits of them and what it did to them are off the record. */
  drop(advisory: string, digests: readonly Digest[]): Promise<void>;
  saveLook(advisory: string, look: CaseLook): Promise<void>;
  /** False when it is not open, or was extended before by other words; the same call again says true again. */
  extend(advisory: string, extension: CaseExtension): Promise<boolean>;
  /** Once for `key`. */
  record(key: string, event: CaseEvent): Promise<void>;
  /** Of all cases of the advisory, oldest first; the newest 1,000. */
  timeline(advisory: string): Promise<readonly CaseEvent[]>;
  /** False when none is open. */
  close(advisory: string, at: string, resolution: CaseResolution): Promise<boolean>;
}
