/**
 * Temporal ends a workflow, compensating nothing, when its history holds 51,200 events or 50 MB. What is left from here on is for taking
 * back.
 */
const MAX_EVENTS = 40_000;
const MAX_BYTES = 40_000_000;

/** A release that goes on would be ended by Temporal before long. */
export function isHistoryFull(history: {
  readonly historyLength: number;
  /** Bytes. */
  readonly historySize: number;
}): boolean {
  return history.historyLength >= MAX_EVENTS || history.historySize >= MAX_BYTES;
}
