import type { Preflight } from '../domain/drill/preflight';
import type { DrillReport } from '../domain/drill/report';

/** The records of rollback drills and of their pre-flights. Every method throws LEDGER_UNAVAILABLE when it could not find out. */
export interface Drills {
  /** Kept for good. Idempotent by id: the first content stays. */
  saveReport(report: DrillReport): Promise<void>;
  getReport(id: string): Promise<DrillReport | null>;
  /** Newest first. */
  listReports(filter: {
    readonly svc?: string;
    readonly limit: number;
  }): Promise<readonly DrillReport[]>;
  /** One a service: the newest check wins. */
  savePreflight(preflight: Preflight): Promise<void>;
  getPreflight(svc: string): Promise<Preflight | null>;
  /** By service. */
  listPreflights(): Promise<readonly Preflight[]>;
}
