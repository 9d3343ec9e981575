import type { BaseFamily } from '../domain/bases/family';
import type { Digest } from '../domain/digest';
import type { ScanPolicy } from '../domain/policy';

/** Argument of baseImportWorkflow. */
export interface BaseImportInput {
  readonly family: BaseFamily;
  readonly scan: ScanPolicy;
  readonly transparencyLog: 'required' | 'off';
  /** Whether something older than what is held may be imported. */
  readonly allowOlder: boolean;
  readonly requestedBy: string;
}

export const BASE_IMPORT_STEPS = ['resolve', 'verify', 'copy', 'scan', 'sign', 'publish'] as const;
export type BaseImportStep = (typeof BASE_IMPORT_STEPS)[number];

/** imported: builds may start from it. unchanged: they did before. refused: it may not come in; why says so. failed: it could not be told. */
export type BaseImportOutcome = 'imported' | 'unchanged' | 'refused' | 'failed';

/** Result of baseImportWorkflow, and what its query `getBaseImport` shows meanwhile. */
export interface BaseImportReport {
  readonly family: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Where it is, or ended. */
  readonly step: BaseImportStep;
  /** Null while it goes on. */
  readonly outcome: BaseImportOutcome | null;
  /** At the vendor: `{host}/{repository}`. */
  readonly source: string;
  /** Null before they are known. */
  readonly version: string | null;
  readonly digest: Digest | null;
  readonly verifiedBy: string | null;
  /** In our mirror: `bases/{family}:{tag}`; null before it is there. */
  readonly mirror: string | null;
  readonly reason: string | null;
  readonly remedy: string | null;
}

/** Wire names. */
export const BASE_MESSAGES = { getImport: 'getBaseImport' } as const;
export const BASE_WORKFLOWS = { import: 'baseImportWorkflow' } as const;
