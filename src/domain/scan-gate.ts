import type { ScanPolicy } from './policy';
import type { Json, Verdict } from './verdict';

/** As the Scanner port reports them. */
export interface ScanFinding {
  readonly id: string;
  readonly severity: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW' | 'UNKNOWN';
  readonly packageName: string;
  readonly installedVersion: string;
  readonly fixedVersion: string | null;
}

export interface ScanDatabaseFacts {
  readonly digest: string;
  readonly updatedAt: string;
  readonly canaryFound: boolean;
}

export interface GrantedException {
  readonly vulnerabilityId: string;
  /** Null covers every service. */
  readonly svc: string | null;
  readonly expiresAt: string;
}

export interface ScanInput {
  /** Verdict subject: the digest. */
  readonly subject: string;
  readonly svc: string;
  readonly findings: readonly ScanFinding[];
  readonly scannerVersion: string;
  readonly database: ScanDatabaseFacts;
  readonly exceptions: readonly GrantedException[];
  readonly policy: ScanPolicy;
  /** RFC 3339. */
  readonly now: string;
}

/** Advisories dated further ahead than this mean a wrong clock: then no age can be trusted. */
const CLOCK_SKEW_MS = 5 * 60_000;
const MAX_REASONS = 20;
/** Of refused and of excepted findings so many stand in the evidence. */
export const MAX_LISTED = 100;

interface JudgedFinding {
  readonly finding: ScanFinding;
  readonly refused: string | null;
  readonly exceptionUntil: string | null;
}

/** Why the database cannot be believed; null when it can. Trivy itself is silent on an old or empty one. */
export function distrustDatabase({
  database,
  policy,
  now,
}: Pick<ScanInput, 'database' | 'policy' | 'now'>): string | null {
  const ageMs = Date.parse(now) - Date.parse(database.updatedAt);
  if (!Number.isFinite(ageMs)) {
    return `The vulnerability database has no readable date ("${database.updatedAt}").`;
  }
  if (ageMs > policy.databaseMaxAgeMs) {
    const hours = (ms: number): string => (ms / 3_600_000).toFixed(1);
    return `The vulnerability database is ${hours(ageMs)} h old (${database.updatedAt}); the policy allows ${hours(policy.databaseMaxAgeMs)} h.`;
  }
  if (ageMs < -CLOCK_SKEW_MS) {
    return `The vulnerability database is dated in the future (${database.updatedAt}).`;
  }
  if (!database.canaryFound) {
    return 'The vulnerability database does not know the canary vulnerability: it is empty or broken.';
  }
  return null;
}

function describeFinding(finding: ScanFinding): string {
  const fix = finding.fixedVersion ? `fixed in ${finding.fixedVersion}` : 'no fix yet';
  return `${finding.id} (${finding.severity}) in ${finding.packageName} ${finding.installedVersion}, ${fix}`;
}

function bestException(finding: ScanFinding, input: ScanInput): GrantedException | null {
  const covering = input.exceptions
    .filter((one) => one.vulnerabilityId === finding.id)
    .filter((one) => one.svc === null || one.svc === input.svc)
    .sort((a, b) => Date.parse(b.expiresAt) - Date.parse(a.expiresAt));
  return covering[0] ?? null;
}

function judgeByException(finding: ScanFinding, input: ScanInput): JudgedFinding {
  const exception = bestException(finding, input);
  const what = describeFinding(finding);
  if (!exception) {
    return { finding, refused: `${what}: needs an exception`, exceptionUntil: null };
  }
  const { expiresAt } = exception;
  // An unreadable expiry compares false, so it never counts as unexpired.
  return Date.parse(expiresAt) > Date.parse(input.now)
    ? { finding, refused: null, exceptionUntil: expiresAt }
    : {
        finding,
        refused: `${what}: its exception expired at ${expiresAt}`,
        exceptionUntil: null,
      };
}

function judgeFinding(finding: ScanFinding, input: ScanInput): JudgedFinding {
  const rule = {
    CRITICAL: 'fail',
    HIGH: 'fail',
    MEDIUM: input.policy.medium,
    LOW: 'allow',
    UNKNOWN: input.policy.unknown,
  } as const;
  switch (rule[finding.severity]) {
    case 'allow':
      return { finding, refused: null, exceptionUntil: null };
    case 'exception':
      return judgeByException(finding, input);
    case 'fail':
      return { finding, refused: describeFinding(finding), exceptionUntil: null };
  }
}

function evidenceOf(input: ScanInput, judged: readonly JudgedFinding[]): Json {
  const count = (severity: ScanFinding['severity']): number =>
    input.findings.filter((finding) => finding.severity === severity).length;
  const excepted = judged.filter((one) => one.exceptionUntil !== null);
  return {
    scanner: input.scannerVersion,
    database: {
      digest: input.database.digest,
      updatedAt: input.database.updatedAt,
      canaryFound: input.database.canaryFound,
    },
    counts: {
      critical: count('CRITICAL'),
      high: count('HIGH'),
      medium: count('MEDIUM'),
      low: count('LOW'),
      unknown: count('UNKNOWN'),
    },
    refused: judged
      .filter((one) => one.refused !== null)
      .slice(0, MAX_LISTED)
      .map(({ finding }) => `${finding.id} ${finding.packageName}@${finding.installedVersion}`),
    excepted: excepted
      .slice(0, MAX_LISTED)
      .map(({ finding, exceptionUntil }) => `${finding.id} until ${exceptionUntil ?? ''}`),
  };
}

/**
 * Critical and High stop; Medium and Unknown as the policy says; exceptions are ours, never the scanner's.
 * A database that cannot be believed makes the verdict `error`: nothing found by it means nothing.
 */
export function judgeScan(input: ScanInput): Verdict {
  const judged = input.findings.map((finding) => judgeFinding(finding, input));
  const refused = judged.flatMap((one) => one.refused ?? []);
  const distrust = distrustDatabase(input);
  const base = {
    gate: 'scan',
    subject: input.subject,
    evidence: evidenceOf(input, judged),
  } as const;
  // What an old database does find is still true.
  if (refused.length > 0) {
    const more = refused.length - MAX_REASONS;
    const reasons = refused.slice(0, MAX_REASONS);
    return {
      ...base,
      outcome: 'fail',
      reasons: [
        ...reasons,
        ...(more > 0 ? [`and ${more} more`] : []),
        ...(distrust ? [distrust] : []),
      ],
    };
  }
  return distrust
    ? { ...base, outcome: 'error', reasons: [distrust] }
    : { ...base, outcome: 'pass', reasons: [] };
}
