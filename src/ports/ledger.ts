import type { Digest } from '../domain/digest';
import type { RecordedVerdict, StandingVerdict } from '../domain/evidence-record';
import type { GrantedException } from '../domain/exceptions/exception';
import type { Channel, ChannelName, ImageRef } from '../domain/reference';
import type { ChannelState, ReleaseStatus } from '../domain/release';
import type { RetriedTime } from '../domain/turnaround';
import type { Verdict, Json } from '../domain/verdict';

/** One line of the audit trail. */
export interface AuditEntry {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly svc: string;
  readonly subject: string;
  readonly details: Json;
}

export interface ReleaseStore {
  /** Upsert by `releaseId` and run: the newest status wins by `revision number` of the write, see `sequence`. */
  saveStatus(status: ReleaseStatus, runId: string, sequence: number): Promise<void>;
  getStatus(releaseId: string): Promise<ReleaseStatus | null>;
  /** Newest first. */
  listReleases(filter: {
    readonly svc?: string;
    /** RFC 3339: only those asked for then or later. */
    readonly since?: string;
    readonly limit: number;
  }): Promise<readonly ReleaseStatus[]>;
  /** The last release of this digest that ended as released, or is under way. */
  findByDigest(svc: string, digest: Digest): Promise<ReleaseStatus | null>;
}

export interface VerdictStore {
  /** Idempotent by (runId, gate, subject). */
  recordVerdict(
    releaseId: string,
    runId: string,
    policyHash: string,
    verdict: Verdict,
    at: string,
  ): Promise<void>;
  /** Of a scan that was made again later, by a run of its own. Idempotent likewise. */
  recordRescan(
    releaseId: string,
    runId: string,
    policyHash: string,
    verdict: Verdict,
    at: string,
  ): Promise<void>;
  /**
   * The newest verdict of each gate and subject in one run, in the order they were recorded: of `runId`, else of the
   * run of the release that recorded last, and then by rescans where there were any. At most 200.
   */
  standingVerdicts(releaseId: string, runId?: string): Promise<readonly StandingVerdict[]>;
  /** The newest answer of the scan gate about a digest in any release of the service, or rescan. */
  newestScan(svc: string, digest: Digest): Promise<RecordedVerdict | null>;
  /** RFC 3339: when a release of the service first recorded that the digest is signed; null without a record. */
  firstSignedAt(svc: string, digest: Digest): Promise<string | null>;
  /** Every verdict of every run, newest first; `evidence` is null, since all of it can be large. */
  listVerdicts(releaseId: string, limit: number): Promise<readonly RecordedVerdict[]>;
}

/** An activity that a release waited for and that was tried again. */
export interface ActivityRetry extends RetriedTime {
  readonly releaseId: string;
  readonly runId: string;
  readonly activityId: string;
  /** That ended it, 2 or more. */
  readonly attempt: number;
}

export interface RetryStore {
  /** Idempotent by (runId, activityId, attempt). */
  recordRetry(retry: ActivityRetry): Promise<void>;
  /** Of every run of these releases, in order of `from`; the newest 100,000. */
  listRetries(releaseIds: readonly string[]): Promise<readonly ActivityRetry[]>;
}

export interface ChannelMove {
  readonly svc: string;
  readonly channel: Channel;
  /** What the channel must hold now; null = must be empty. */
  readonly expected: Digest | null;
  /** Null empties the channel. */
  readonly next: Digest | null;
  readonly epoch: number;
  readonly actor: string;
  readonly reason: string;
  readonly releaseId?: string;
  /** Same key, same move: a retry of a done move is a no-op. */
  readonly idempotencyKey: string;
}

export interface ChannelHistoryEntry {
  readonly channel: string;
  readonly from: Digest | null;
  readonly to: Digest | null;
  readonly at: string;
  readonly actor: string;
  readonly reason: string;
  readonly releaseId: string | null;
}

/** Channels by compare-and-set with an intent row (design, decisions 2 and 17). */
export interface ChannelStore {
  getChannel(svc: string, channel: Channel): Promise<ChannelState | null>;
  listChannels(svc: string): Promise<readonly ChannelState[]>;
  /**
   * Writes the intent. Throws CHANNEL_MOVED when the channel holds neither `expected` nor (retry) `next`,
   * FENCED when `epoch` is older than the service's. `done` = this key was completed before.
   */
  beginMove(move: ChannelMove): Promise<{ readonly done: boolean }>;
  /** Marks the intent done and the channel moved, in one transaction. Throws FENCED. */
  completeMove(move: ChannelMove, at: string): Promise<void>;
  /** Channels with a move that was begun and has not ended: their tags may say either. */
  openMoves(svc: string): Promise<readonly ChannelName[]>;
  history(svc: string, limit: number): Promise<readonly ChannelHistoryEntry[]>;
  /** Digests that were `channel`, newest first, without repeats. */
  pastDigests(svc: string, channel: Channel, limit: number): Promise<readonly Digest[]>;
  /** Takes the next epoch of the service; every older writer is fenced from now on. Idempotent by key. */
  bumpEpoch(svc: string, idempotencyKey: string): Promise<number>;
  currentEpoch(svc: string): Promise<number>;
}

export interface RevertKey {
  readonly keyId: string;
  readonly svc: string;
  /** What the pin replaced, and what the key goes back to. */
  readonly to: Digest;
  /** What the pin put there: the key works only while this is prod:stable. */
  readonly from: Digest;
  readonly expiresAt: string;
  readonly usedAt: string | null;
}

export interface RevertKeyStore {
  /** Stores the hash only. Idempotent by keyId. */
  issueRevertKey(key: Omit<RevertKey, 'usedAt'>, secretHash: string): Promise<void>;
  findRevertKey(secretHash: string): Promise<RevertKey | null>;
  getRevertKey(keyId: string): Promise<RevertKey | null>;
  /** False when it was used before by another `usedBy`. */
  useRevertKey(keyId: string, usedBy: string, at: string): Promise<boolean>;
}

export interface BadDigest {
  readonly digest: Digest;
  readonly svc: string;
  readonly reason: string;
  readonly at: string;
  readonly actor: string;
}

export interface DigestStore {
  /** Remembered as bad: not promoted again until released. */
  markBad(bad: BadDigest): Promise<void>;
  findBad(svc: string, digest: Digest): Promise<BadDigest | null>;
  releaseBad(
    svc: string,
    digest: Digest,
    actor: string,
    reason: string,
    at: string,
  ): Promise<boolean>;
  /** Itself, an index that holds it, or a manifest that it holds. */
  isQuarantined(digest: Digest): Promise<boolean>;
}

export interface TagStore {
  /** Claims a write-once tag. False when it is claimed for another digest. */
  claimTag(image: ImageRef, tag: string, claimedBy: string, at: string): Promise<boolean>;
}

/** What admission asks of the ledger about a digest. */
export interface ReleaseFacts {
  /** As `findByDigest`. */
  readonly release: ReleaseStatus | null;
  /** As `newestScan`. */
  readonly scan: RecordedVerdict | null;
  /** As `listExceptions`. */
  readonly exceptions: readonly GrantedException[];
}

export interface ReleaseFactsStore {
  /** All of it by one question, and of one moment. */
  releaseFacts(svc: string, digest: Digest): Promise<ReleaseFacts>;
}

export interface MiscStore {
  /** Approved exceptions that are for the service, ended ones too: the gate decides by time. Those that end last are first. */
  listExceptions(svc: string): Promise<readonly GrantedException[]>;
  appendAudit(entry: AuditEntry, idempotencyKey: string): Promise<void>;
  /** Newest first. */
  listAudit(svc: string, limit: number): Promise<readonly AuditEntry[]>;
  /** Single use: false when another has used the token id before. `usedBy` may repeat its own use. */
  useTokenId(jti: string, expiresAt: string, usedBy: string): Promise<boolean>;
  /** Next number of the service's rollbacks. Idempotent by key. */
  nextRollbackNumber(svc: string, idempotencyKey: string): Promise<number>;
  saveDocument(kind: 'release-notes' | 'log-entry', key: string, text: string): Promise<void>;
  getDocument(kind: 'release-notes' | 'log-entry', key: string): Promise<string | null>;
  ping(): Promise<void>;
}

/** The record of everything that must outlive a workflow. Every method throws LEDGER_UNAVAILABLE when it could not find out. */
export interface Ledger
  extends
    ReleaseStore,
    VerdictStore,
    RetryStore,
    ChannelStore,
    RevertKeyStore,
    DigestStore,
    TagStore,
    ReleaseFactsStore,
    MiscStore {}
