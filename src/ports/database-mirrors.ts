import type { DatabaseKind, MirroredDatabase } from '../domain/advisories/database-mirror';

/** Which databases of the scanner our registry has. Throws ReleaseError LEDGER_UNAVAILABLE. */
export interface DatabaseMirrors {
  /** False when it was there before. One a kind and digest. */
  add(one: MirroredDatabase): Promise<boolean>;
  /** Of the latest advisories; null when there is none. */
  newest(kind: DatabaseKind): Promise<MirroredDatabase | null>;
  /** Newest first, of all kinds. */
  list(limit: number): Promise<readonly MirroredDatabase[]>;
}
