import type { Digest } from './digest';
import type { Policy, ScanPolicy } from './policy';
import { allowListOf, type AllowListPolicy } from './admission/allow-policy';
import type { ChannelName } from './reference';
import type { Verdict, VerdictOutcome } from './verdict';

/** A digest as a service released it: exceptions are of a service. */
export interface KeptImage {
  readonly svc: string;
  readonly digest: Digest;
}

/** Why a digest must stay fit to run. */
export type KeptBy = ChannelName | 'rollback-window' | 'hold' | 'grant' | 'running';

/** The newest answer about a digest, of its release or of a rescan. */
export interface LastScan {
  /** RFC 3339. */
  readonly at: string;
  readonly outcome: VerdictOutcome;
  /** `sha256:` of the database that it was made with; null when the record does not say. */
  readonly database: string | null;
  /** `CVE-2026-1 package@version`, what was refused. */
  readonly refused: readonly string[];
}

/** By what a rescan judges, from the policy of the moment. */
export interface RescanRules {
  readonly policyHash: string;
  readonly scan: ScanPolicy;
  readonly rollbackWindow: AllowListPolicy['rollbackWindow'];
}

export function rescanRulesOf(
  policy: Pick<Policy, 'scan' | 'admission'>,
  policyHash: string,
): RescanRules {
  const { rollbackWindow } = allowListOf(policy);
  return { policyHash, scan: policy.scan, rollbackWindow };
}

export interface DueInput {
  readonly digest: Digest;
  readonly scan: LastScan | null;
  /** Whether other advisories hit it than when it was scanned; null: that can't be told. */
  readonly touched: boolean | null;
  /** `sha256:` of the database that would be scanned with. */
  readonly database: string;
  readonly maxAgeMs: number;
  readonly nowMs: number;
}

export type DueReason = 'never-scanned' | 'old' | 'other-database' | 'touched' | 'not-measured';

/**
 * At what age a verdict is old: of each digest another, between half of `maxAgeMs` and all of it. What was scanned in one go, as after
 * an outage, comes due over half of that time and not all at once.
 */
function dueAgeOf(digest: Digest, maxAgeMs: number): number {
  const share = parseInt(digest.slice('sha256:'.length, 'sha256:'.length + 8), 16) / 2 ** 32;
  return maxAgeMs * (0.5 + share / 2);
}

/** Why it is to be scanned again; null while the last answer still stands. */
export function judgeDue(input: DueInput): DueReason | null {
  const { digest, scan, touched, database, maxAgeMs, nowMs } = input;
  if (!scan) return 'never-scanned';
  if (scan.outcome !== 'pass' && scan.outcome !== 'fail') return 'not-measured';
  if (scan.database !== database && touched !== false) {
    return touched === null ? 'other-database' : 'touched';
  }
  // A time that can't be read compares false, so it never counts as fresh.
  return nowMs - Date.parse(scan.at) < dueAgeOf(digest, maxAgeMs) ? null : 'old';
}

/** What a rescan means beside the answer before it. */
export type ScanChange = 'good' | 'good-again' | 'gone-bad' | 'still-bad';

/** Gone bad is also what was bad before by other findings: each is news to somebody. */
export function judgeChange(before: LastScan | null, { outcome, evidence }: Verdict): ScanChange {
  const wasBad = before?.outcome === 'fail';
  if (outcome !== 'fail') return wasBad ? 'good-again' : 'good';
  const known = new Set(wasBad ? before.refused : []);
  return wasBad && refusedOf(evidence).every((one) => known.has(one)) ? 'still-bad' : 'gone-bad';
}

/** `refused` of a scan's evidence; empty where it has none. */
export function refusedOf(evidence: Verdict['evidence']): readonly string[] {
  if (typeof evidence !== 'object' || evidence === null || !('refused' in evidence)) return [];
  const { refused } = evidence;
  return Array.isArray(refused)
    ? (refused as readonly unknown[]).filter((one) => typeof one === 'string')
    : [];
}

/** Where people notice first. */
export function severityOf(kept: readonly KeptBy[]): 'critical' | 'warning' {
  const urgent: readonly KeptBy[] = ['prod:stable', 'prod:candidate', 'running'];
  return kept.some((one) => urgent.includes(one)) ? 'critical' : 'warning';
}
