import type { RevokedKey } from '../domain/key-revocations';

/** Keys that were called back, on record for every process that verifies. */
export interface KeyRevocations {
  /** Idempotent by `idempotencyKey`. Throws ReleaseError LEDGER_UNAVAILABLE. */
  revoke(key: RevokedKey, idempotencyKey: string): Promise<void>;
  /** Oldest first, all of them: there are a few in the life of an installation. Throws ReleaseError LEDGER_UNAVAILABLE. */
  list(): Promise<readonly RevokedKey[]>;
  /**
   * Calls `onChange` soon after a key was revoked, and whenever it begins to listen, since what changed before was not
   * heard; connects again by itself; ends with the signal.
   */
  watch(onChange: () => void, signal: AbortSignal): void;
}
