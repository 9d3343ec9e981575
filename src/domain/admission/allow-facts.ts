import type { ChannelName } from '../reference';
import type { Block } from '../registry/quarantine';
import type { Gate, VerdictOutcome } from '../verdict';
import type { Denial, Grant } from './grant';

/** That a channel of a service points at the digest, or did. Times are RFC 3339. */
export interface ChannelPin {
  readonly svc: string;
  readonly channel: ChannelName;
  /** It points at it now. */
  readonly holds: boolean;
  /** The last time it came there. */
  readonly pinnedAt: string;
  /** When another took its place, or none; null while it holds. */
  readonly replacedAt: string | null;
  /** Different digests that came after it, the present one counted; 0 while it holds. */
  readonly newerPins: number;
}

/** Kept by a person whatever retention says. */
export interface DigestHold {
  readonly reason: string;
  readonly by: string;
  readonly at: string;
  /** RFC 3339; null: until somebody releases it. */
  readonly until: string | null;
}

/** The newest verdict of a gate in the releases of the digest. */
export interface EvidenceFact {
  readonly gate: Gate;
  readonly outcome: VerdictOutcome;
  readonly at: string;
  readonly releaseId: string;
  readonly reasons: readonly string[];
}

/** All that the ledger knows of one image, read at one moment. */
export interface AllowFacts {
  /** Moves with every change that may turn a yes into a no, and most others. */
  readonly revision: number;
  /** Repositories that releases and write-once tags know the digest by. */
  readonly homes: readonly string[];
  readonly pins: readonly ChannelPin[];
  /** Not released ones, but ended ones. */
  readonly holds: readonly DigestHold[];
  /** Of the repository and the digest; not revoked ones, but expired ones. */
  readonly grants: readonly Grant[];
  /** Of the digest, what holds it and what it holds. */
  readonly denials: readonly Denial[];
  /** Likewise; `cause` is the digest that was put under quarantine. */
  readonly quarantines: readonly Block[];
  /** Services that remember the digest as bad. */
  readonly bad: readonly { readonly svc: string; readonly reason: string }[];
  readonly evidence: readonly EvidenceFact[];
}
