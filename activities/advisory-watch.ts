import type { RescanSettings } from '../src/contract/messages';
import type { Digest } from '../src/domain/digest';
import type { ScanPolicy } from '../src/domain/policy';
import type { MatchedDatabase, SettledMatches } from '../src/ports/advisory-matches';
import { noteCases } from './advisory-found-cases';
import { indexSlice } from './advisory-index-slice';
import { matchSlice } from './advisory-match-slice';
import { findWorkloads } from './advisory-running';
import type { Deps } from './deps';
import { windowOf } from './rescan-slice';

const MAX_TOUCHED = 1000;

export type AdvisoryWatchDeps = Pick<
  Deps,
  | 'advisoryCaseRuns'
  | 'advisoryCases'
  | 'advisoryMatches'
  | 'componentIndex'
  | 'ledger'
  | 'now'
  | 'openAdvisoryDatabase'
  | 'registry'
  | 'rescans'
  | 'rollout'
  | 'scanner'
>;

export interface IndexSliceInput {
  readonly after: Digest | null;
  /** SBOMs. */
  readonly limit: number;
}

export interface IndexSliceResult {
  /** Null = all was looked at. */
  readonly next: Digest | null;
  readonly indexed: number;
  readonly errors: readonly string[];
}

export interface FindWorkloadsResult {
  readonly running: number;
  readonly errors: readonly string[];
}

export interface MatchSliceInput {
  /** What databases may be believed. */
  readonly scan: ScanPolicy;
  /** `sha256:` of the one that `after` is about; null in the first slice. */
  readonly database: string | null;
  readonly after: number | null;
  /** Packages. */
  readonly limit: number;
}

export interface MatchSliceResult extends SettledMatches {
  readonly database: MatchedDatabase;
  /** Another database than before, so all of the index is gone through. */
  readonly all: boolean;
  readonly next: number | null;
  readonly looked: number;
  /** Packages whose advisories, or components, are others. */
  readonly matched: number;
}

export interface NoteCasesResult {
  /** Advisories of Critical or High on what is in prod. */
  readonly hitting: number;
  /** Cases that were told of something new. */
  readonly told: number;
  readonly first: readonly string[];
  readonly errors: readonly string[];
}

export interface HasTouchedInput {
  readonly settings: RescanSettings;
}

export interface AdvisoryWatchActivities {
  /** SBOMs of released digests that the index lacks; those that can't be read are errors of the result. */
  indexComponents(input: IndexSliceInput): Promise<IndexSliceResult>;
  /** Asks the rollout targets; those that do not answer are errors of the result. */
  findWorkloads(): Promise<FindWorkloadsResult>;
  /** Throws SCANNER_UNAVAILABLE when the database can't be believed: then all stays as it was. */
  matchAdvisories(input: MatchSliceInput): Promise<MatchSliceResult>;
  /** Begins cases, and tells those that are open what is new. */
  noteAdvisoryCases(): Promise<NoteCasesResult>;
  /** Whether something that is kept was hit by other advisories since it was scanned. */
  hasTouched(input: HasTouchedInput): Promise<boolean>;
}

/** Those that were scanned with this database before the index was matched with it have their answer; nobody scans what is quarantined. */
async function hasTouched(
  { advisoryMatches, ledger, rescans, now }: AdvisoryWatchDeps,
  { settings }: HasTouchedInput,
): Promise<boolean> {
  const database = await advisoryMatches.matchedWith();
  const window = windowOf(settings, now().getTime());
  const touched = await rescans.listKept({ ...window, touched: true, limit: MAX_TOUCHED });
  for (const { digest, scan } of touched) {
    if (scan?.database === database?.digest) continue;
    if (!(await ledger.isQuarantined(digest))) return true;
  }
  return false;
}

export function createAdvisoryWatchActivities(deps: AdvisoryWatchDeps): AdvisoryWatchActivities {
  return {
    indexComponents: (input) => indexSlice(deps, input),
    findWorkloads: () => findWorkloads(deps),
    matchAdvisories: (input) => matchSlice(deps, input),
    noteAdvisoryCases: () => noteCases(deps),
    hasTouched: (input) => hasTouched(deps, input),
  };
}
