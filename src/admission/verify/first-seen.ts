import type { ImageRef } from '../../domain/reference';
import type { Ledger } from '../../ports/ledger';

/** RFC 3339: when a record of ours first showed that a digest is signed; null without a record. */
export type FirstSeen = () => Promise<string | null>;

/** As many as are read when its scan is looked for. */
const MAX_VERDICTS = 500;

/**
 * Asked once, and only when a signature needs it. A ledger that does not answer gives no record: what is bad must be
 * told also while Postgres is away.
 */
export function firstSeenIn(
  ledger: Pick<Ledger, 'findByDigest' | 'listVerdicts'>,
  svc: string,
  { digest }: Pick<ImageRef, 'digest'>,
): FirstSeen {
  let asked: Promise<string | null> | null = null;

  async function read(): Promise<string | null> {
    const release = await ledger.findByDigest(svc, digest);
    if (!release) return null;
    const records = await ledger.listVerdicts(release.releaseId, MAX_VERDICTS);
    const first = records.findLast(
      ({ verdict }) =>
        verdict.gate === 'signature' && verdict.subject === digest && verdict.outcome === 'pass',
    );
    return first?.at ?? null;
  }

  return () => (asked ??= read().catch(() => null));
}
