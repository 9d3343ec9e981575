import type { GrantedException } from '../exceptions/exception';
import type { ScanPolicy } from '../policy';
import type { ScanFinding } from './finding';
import type { RiskFacts } from './risk';
import type { VexFacts } from './vex';

interface ScanDatabaseFacts {
  readonly digest: string;
  readonly updatedAt: string;
  readonly canaryFound: boolean;
}

export interface ScanInput {
  /** Verdict subject: the digest. */
  readonly subject: string;
  readonly svc: string;
  readonly findings: readonly ScanFinding[];
  readonly scannerVersion: string;
  readonly database: ScanDatabaseFacts;
  /** Those that were approved. */
  readonly exceptions: readonly GrantedException[];
  /** Lists that the policy asks for. */
  readonly risk?: RiskFacts;
  /** Signed VEX of the digest, where the policy trusts any. */
  readonly vex?: VexFacts;
  readonly policy: ScanPolicy;
  /** RFC 3339. */
  readonly now: string;
}
