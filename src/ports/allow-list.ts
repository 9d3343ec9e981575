import type { AllowFacts } from '../domain/admission/allow-facts';
import type { DeniedDigest, Denial, Grant } from '../domain/admission/grant';
import type { Digest } from '../domain/digest';
import type { ImageRef } from '../domain/reference';

export interface RecordedGrant extends Grant {
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
  readonly revokeReason: string | null;
}

export interface RecordedDenial extends Denial {
  readonly liftedAt: string | null;
  readonly liftedBy: string | null;
  readonly liftReason: string | null;
}

/** A digest that a person keeps, whatever retention says; where a channel once let it in it may run. Times are RFC 3339. */
export interface Hold {
  readonly id: string;
  readonly digest: Digest;
  /** As it was named; the hold is of the digest wherever it lies. */
  readonly repository: string | null;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
  /** Null: until somebody releases it. */
  readonly until: string | null;
}

export interface RecordedHold extends Hold {
  readonly releasedAt: string | null;
  readonly releasedBy: string | null;
  readonly releaseReason: string | null;
}

interface ListFilter {
  /** Ended ones too. */
  readonly all?: boolean;
  readonly limit: number;
}

/** Not ended at the same time for one repository and digest; more are refused, so that none is left out of a decision. */
export const MAX_GRANTS = 100;
/** Likewise of holds of a digest. */
export const MAX_HOLDS = 20;
/** Ids of holds that keep a digest and let nothing run: what is copied as evidence is mostly bad. */
export const KEEPS_ONLY = 'worm-';

/** Numbers that move with the commit of a change, and never as time passes. */
export interface Revisions {
  /**
   * By grants, denials, quarantines and what they spread to, holds, what channels point at, digests remembered as bad, and a home
   * that a digest loses. Not by a new home, which only turns a no into a yes.
   */
  readonly allowList: number;
  /**
   * By what may turn the evidence of a digest from good to bad: a scan that does not pass after one that did, an exception that
   * is revoked, a release that ends as anything but released. Not by what passes.
   */
  readonly evidence: number;
}

/**
 * What may run by more than the channels, and all that decides it. Every method but `watch` throws ReleaseError
 * LEDGER_UNAVAILABLE when it could not find out.
 */
export interface AllowList {
  /** Idempotent by id: the first content stays. Throws INVALID_INPUT above MAX_GRANTS. */
  addGrant(grant: Grant): Promise<RecordedGrant>;
  /** Null when there is none of that id. One that was revoked keeps its first revocation. */
  revokeGrant(id: string, actor: string, reason: string, at: string): Promise<RecordedGrant | null>;
  getGrant(id: string): Promise<RecordedGrant | null>;
  /** Newest first: not revoked and not expired. */
  listGrants(filter: ListFilter): Promise<readonly RecordedGrant[]>;
  /** Idempotent: a denied digest keeps its first denial, but a person's word takes the place of the system's. */
  addDenial(denial: Denial): Promise<RecordedDenial>;
  /**
   * False when it was not denied; the same call again, as after a lost answer, says true again.
   *
   * @param onlyOf lifts it only while it is this one's
   */
  liftDenial(
    digest: Digest,
    actor: string,
    reason: string,
    at: string,
    onlyOf?: string,
  ): Promise<boolean>;
  /** Newest first: not lifted. */
  listDenials(filter: ListFilter): Promise<readonly RecordedDenial[]>;
  /** All that denials keep out, by the facts' rule: one of each digest, the denial that names it before those that reach it. */
  listDenied(): Promise<readonly DeniedDigest[]>;
  /** Idempotent by id: the first content stays. Throws INVALID_INPUT above MAX_HOLDS. */
  addHold(hold: Hold): Promise<RecordedHold>;
  /** Null when there is none of that id. One that was released keeps its first release. */
  releaseHold(id: string, actor: string, reason: string, at: string): Promise<RecordedHold | null>;
  /** Newest first: not released and not ended; of any of the digests where they are given. */
  listHolds(
    filter: ListFilter & { readonly digests?: readonly Digest[] },
  ): Promise<readonly RecordedHold[]>;
  /** In one round trip, of one moment, its `revision` included. */
  facts(image: ImageRef): Promise<AllowFacts>;
  /** In one round trip, of one moment. */
  revisions(): Promise<Revisions>;
  /**
   * Calls `onChange` soon after one of the revisions moved, and whenever it begins to listen, since what changed before was not
   * heard; connects again by itself; ends with the signal.
   */
  watch(onChange: () => void, signal: AbortSignal): void;
}
