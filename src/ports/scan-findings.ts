import type { Digest } from '../domain/digest';
import type { VerdictOutcome } from '../domain/verdict';

/** The newest answer of the scan gate about a digest of a service, from its release or a rescan. */
export interface ScanMatch {
  readonly digest: Digest;
  readonly svc: string;
  readonly releaseId: string;
  /** RFC 3339 */
  readonly scannedAt: string;
  readonly outcome: VerdictOutcome;
  /** RFC 3339: of which time the scanner's database was; null: its evidence does not say. */
  readonly databaseAt: string | null;
  /** Ids that it lists as refused or excepted, each once. */
  readonly advisories: readonly string[];
  /** False: its list was cut off before it came to the advisory, which may be in it. */
  readonly listed: boolean;
}

export interface MatchPage {
  readonly after: Pick<ScanMatch, 'digest' | 'svc'> | null;
  readonly limit: number;
}

/** What the newest scans found, of those that could tell (pass or fail). By digest and service. Throws ReleaseError LEDGER_UNAVAILABLE. */
export interface ScanFindings {
  /** Those that list the advisory, in upper or lower case, and those whose list is cut off. */
  withAdvisory(id: string, page: MatchPage): Promise<readonly ScanMatch[]>;
  /** Those that fail, of what a channel or a tag points at. */
  failing(page: MatchPage): Promise<readonly ScanMatch[]>;
}
