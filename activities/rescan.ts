import type { RescanSettings, RescanTarget } from '../src/contract/messages';
import type { KeptBy, KeptImage, ScanChange } from '../src/domain/rescan';
import type { KeptCursor } from '../src/ports/rescans';
import type { Deps } from './deps';
import type { JudgeDocumentDeps } from './judge-document';
import { findRunning } from './rescan-running';
import { rescanSlice } from './rescan-slice';

export type RescanDeps = JudgeDocumentDeps & Pick<Deps, 'advisoryMatches' | 'rescans' | 'rollout'>;

export type FindRunningInput = Pick<RescanSliceInput, 'settings'>;

export interface FindRunningResult {
  readonly running: readonly KeptImage[];
  readonly errors: readonly string[];
}

export interface RescanSliceInput {
  readonly settings: RescanSettings;
  readonly target: RescanTarget | null;
  readonly running: readonly KeptImage[];
  /** RFC 3339: what was scanned since then is done. */
  readonly runStartedAt: string;
  readonly after: KeptCursor | null;
}

/** Bad, or good again. */
export interface RescanFinding extends KeptImage {
  readonly releaseId: string;
  readonly kept: readonly KeptBy[];
  readonly change: Exclude<ScanChange, 'good'>;
  /** `CVE-… package@version`, the first few. */
  readonly refused: readonly string[];
  readonly refusedCount: number;
  /** Of what is refused. */
  readonly id: string;
}

export interface RescanSliceResult {
  /** Null = all was looked at. */
  readonly next: KeptCursor | null;
  readonly looked: number;
  readonly scanned: number;
  readonly findings: readonly RescanFinding[];
  /** RFC 3339. */
  readonly databaseAt: string;
  readonly errors: readonly string[];
}

export interface RescanActivities {
  /** Digests that run and are kept for no other reason. A target that does not answer is an error of the result. */
  findRunning(input: FindRunningInput): Promise<FindRunningResult>;
  /**
   * Scans a slice of what is due and records a verdict for each; those that can't be scanned are errors of the result. Throws
   * SCANNER_UNAVAILABLE when the database can't be believed, and what keeps all of a slice from being scanned.
   */
  rescanSlice(input: RescanSliceInput): Promise<RescanSliceResult>;
}

export function createRescanActivities(deps: RescanDeps): RescanActivities {
  return {
    findRunning: (input) => findRunning(deps, input),
    rescanSlice: (input) => rescanSlice(deps, input),
  };
}
