import type { ImageRef } from '../../domain/reference';
import type { Ledger } from '../../ports/ledger';

/** RFC 3339: when a record of ours first showed that a digest is signed; null without a record. */
export type FirstSeen = () => Promise<string | null>;

/**
 * Asked once, and only when a signature needs it. A ledger that does not answer gives no record: what is bad must be
 * told also while Postgres is away.
 */
export function firstSeenIn(
  ledger: Pick<Ledger, 'firstSignedAt'>,
  svc: string,
  { digest }: Pick<ImageRef, 'digest'>,
): FirstSeen {
  let asked: Promise<string | null> | null = null;
  return () => (asked ??= ledger.firstSignedAt(svc, digest).catch(() => null));
}
