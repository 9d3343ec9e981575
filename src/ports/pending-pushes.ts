import type { PushRecord } from './inventory';

/** Pushes that were begun (Inventory.beginPush) and never told their end: the gateway died, or never heard the registry's answer. */
export interface PendingPushes {
  /** Begun before `before`, and at `since` or later (RFC 3339); oldest first. Throws LEDGER_UNAVAILABLE. */
  listPending(filter: {
    readonly before: string;
    readonly since?: string;
    readonly limit: number;
  }): Promise<readonly PushRecord[]>;
}
