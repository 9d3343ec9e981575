import type { LedgerCounts } from '../domain/accounting/standard';

export interface FiguresQuery {
  /** RFC 3339: events and times since then. */
  readonly since: string;
  /** One service alone. */
  readonly svc?: string;
  /** One repository alone, where a record names one. */
  readonly repository?: string;
}

/** What the standard's metrics count in the ledger. */
export interface LedgerFigures {
  /** @throws ReleaseError LEDGER_UNAVAILABLE */
  count(query: FiguresQuery): Promise<LedgerCounts>;
}
