import type { AdvisoryHit, CaseLook } from '../domain/advisories/case';
import type { AdvisoryPolicy } from '../domain/advisories/policy';
import type { RollupItem } from '../domain/rollup';

/** A rebuild that a case ordered. */
export interface CaseRollup {
  readonly id: string;
  readonly services: readonly string[];
  readonly ended: boolean;
  readonly released: number;
  /** What a person has to look at. */
  readonly troubled: readonly RollupItem[];
}

/** Where the clock of a case stands, as the ledger has it. Times are RFC 3339. */
export interface CaseClock {
  readonly severity: AdvisoryHit['severity'];
  readonly openedAt: string;
  readonly dueAt: string;
}

/** What query `getReport` of advisoryCaseWorkflow shows, and its result. */
export interface AdvisoryCaseReport {
  readonly advisory: string;
  /** Null before the case is opened, and when there was nothing to open one for. */
  readonly clock: CaseClock | null;
  readonly closedAt: string | null;
  /** `replaced`, `withdrawn`, `not-affected`; null while it is open. */
  readonly resolution: string | null;
  readonly look: CaseLook | null;
  readonly rollups: readonly CaseRollup[];
  /** What could not be done, a sentence each; the next look tries again. */
  readonly problems: readonly string[];
}

/** What a run carries over continue-as-new. */
export interface AdvisoryCaseState {
  readonly report: AdvisoryCaseReport;
  /** Keys of alarms that people were told. */
  readonly told: readonly string[];
  /** Looks in a row that found nothing. */
  readonly clearLooks: number;
  /** Blocked or quarantined, as last told. */
  readonly acted: number;
  /** It was rated worse since people were told of it, and they were not told of that yet. */
  readonly worse?: boolean;
}

/** Argument of advisoryCaseWorkflow; hits come by signal. `state` is set by continue-as-new only. */
export interface AdvisoryCaseInput {
  readonly advisory: string;
  readonly policy: AdvisoryPolicy;
  readonly state?: AdvisoryCaseState;
}

/** Hits that one signal carries: a payload has a limit of 2 MB. */
export const MAX_SIGNAL_HITS = 1_000;

/** Wire names. */
export const ADVISORY_MESSAGES = {
  /** Signal with AdvisoryHit[]. */
  noteHits: 'noteHits',
  /** Signal without argument: the ledger says something new. */
  wake: 'wake',
  getReport: 'getReport',
} as const;

export const ADVISORY_WORKFLOWS = { answer: 'advisoryCaseWorkflow' } as const;
