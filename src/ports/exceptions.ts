import type { Digest } from '../domain/digest';
import type { Exception, ExceptionRequest } from '../domain/exceptions/exception';
import type { CoveredFinding } from '../domain/scan/covered';

/** A released digest whose last pass rests on exceptions. */
export interface CoveredImage {
  readonly svc: string;
  readonly digest: Digest;
  /** Whose verdict it was. */
  readonly releaseId: string;
  readonly covered: readonly CoveredFinding[];
}

interface ExceptionFilter {
  /** Those that are for the service, or for every service. */
  readonly svc?: string;
  /** Those that ended or were revoked too. */
  readonly all?: boolean;
  /** RFC 3339: by this they have ended or not. */
  readonly now: string;
  readonly limit: number;
}

/** Exceptions from request to end. Every method throws ReleaseError LEDGER_UNAVAILABLE when it could not find out. */
export interface Exceptions {
  /** The same id again, as after a lost answer, is the one that is there. */
  request(exception: ExceptionRequest): Promise<Exception>;
  read(id: string): Promise<Exception | null>;
  /** Newest first. */
  list(filter: ExceptionFilter): Promise<readonly Exception[]>;
  /** Null when it is not there, or was approved or revoked before by other words; the same call again says the same again. */
  approve(id: string, approver: string, at: string): Promise<Exception | null>;
  /** Likewise. What is only asked for may be revoked too: then nobody can approve it. */
  revoke(id: string, actor: string, reason: string, at: string): Promise<Exception | null>;
  /** Approved ones in force at `now`, and those that ended within `sinceMs` before it; those that end first are first. */
  watched(now: string, sinceMs: number, limit: number): Promise<readonly Exception[]>;
  /** Whose last pass rests on this exception. */
  coveredBy(id: string, limit: number): Promise<readonly CoveredImage[]>;
  /** Whose last scan passed by an exception that covers nothing any more, and no other has taken its place. */
  lapsed(now: string, limit: number): Promise<readonly CoveredImage[]>;
  /** Names of what people were told of it. */
  toldOf(ids: readonly string[]): Promise<readonly Told[]>;
  /** Once for each. */
  tell(told: Told, at: string): Promise<void>;
}

interface Told {
  readonly exceptionId: string;
  readonly name: string;
}
