import type { DeniedDigest } from '../../domain/admission/grant';
import type { Digest } from '../../domain/digest';
import type { AllowList } from '../../ports/allow-list';

export type Denied = ReadonlyMap<Digest, DeniedDigest>;

interface DeniedRead {
  readonly allowRevision: number;
  readonly evidenceRevision: number;
  readonly denied: Denied;
}

/** A family that grew just as its denial was made moves no revision: that costs so much and no more. */
const MAX_AGE_MS = 10_000;

/**
 * Reads the revisions, and all that is denied where the allow-list's moved since: nearly never, however often it is
 * asked.
 *
 * @throws ReleaseError LEDGER_UNAVAILABLE
 */
export function createDeniedReader(
  list: Pick<AllowList, 'revisions' | 'listDenied'>,
  clock: () => number = () => performance.now(),
): () => Promise<DeniedRead> {
  let known: Pick<DeniedRead, 'allowRevision' | 'denied'> | null = null;
  let readAt = -Infinity;

  return async () => {
    // Before the denials: what comes between the two moves it again.
    const { allowList: allowRevision, evidence: evidenceRevision } = await list.revisions();
    const startedAt = clock();
    if (known?.allowRevision !== allowRevision || startedAt - readAt > MAX_AGE_MS) {
      const denied = await list.listDenied();
      known = { allowRevision, denied: new Map(denied.map((one) => [one.digest, one])) };
      readAt = startedAt;
    }
    return { ...known, evidenceRevision };
  };
}
