import { covers } from './exceptions/covers';
import { describeEnd, endMsOf, type GrantedException } from './exceptions/exception';
import { bareUrlOf } from './exceptions/package-name';
import { evidenceOf, type JudgedFinding, type RemovedFinding } from './scan/evidence';
import type { ScanFinding } from './scan/finding';
import type { ScanInput } from './scan/input';
import { distrustLists, NO_RISK } from './scan/risk';
import { fixLimitOf, isExploited, ruleOf } from './scan/rule';
import { NO_VEX, removedBy } from './scan/vex';
import type { Verdict } from './verdict';

/** Advisories dated further ahead than this mean a wrong clock: then no age can be trusted. */
const CLOCK_SKEW_MS = 5 * 60_000;
const MAX_REASONS = 20;

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

type Needs = 'exception' | 'break-glass';

/** The one that covers it longest; ended ones too. */
function bestException(
  finding: ScanFinding,
  needs: Needs,
  { exceptions, svc }: ScanInput,
): GrantedException | null {
  const { id: vulnerabilityId, packageName, installedVersion: packageVersion } = finding;
  const excepted = {
    ...{ vulnerabilityId, packageName, packageVersion, needs },
    purl: bareUrlOf(finding.purl),
  };
  const [best] = exceptions
    .filter((one) => covers(one, excepted, svc))
    .sort((a, b) => endMsOf(b) - endMsOf(a));
  return best ?? null;
}

function judgeByException(
  finding: ScanFinding,
  what: string,
  needs: Needs,
  input: ScanInput,
): JudgedFinding {
  const exception = bestException(finding, needs, input);
  if (!exception) {
    // Nobody is invited to break the glass.
    const refused = needs === 'exception' ? `${what}: needs an exception` : what;
    return { finding, refused, covered: null };
  }
  const endMs = endMsOf(exception);
  if (!(endMs > Date.parse(input.now))) {
    const refused = `${what}: its exception ${exception.id} ${describeEnd(exception)}`;
    return { finding, refused, covered: null };
  }
  const covered = {
    exceptionId: exception.id,
    vulnerabilityId: finding.id,
    packageName: finding.packageName,
    packageVersion: finding.installedVersion,
    purl: bareUrlOf(finding.purl),
    needs,
    until: new Date(endMs).toISOString(),
    limit: fixLimitOf(finding, input.policy),
  };
  return { finding, refused: null, covered };
}

function judgeFinding(finding: ScanFinding, input: ScanInput): JudgedFinding {
  const { policy, risk = NO_RISK, now } = input;
  const { rule, because } = ruleOf(finding, policy, risk, Date.parse(now));
  const what = `${describeFinding(finding)}${because === '' ? '' : `; ${because}`}`;
  switch (rule) {
    case 'allow':
      return { finding, refused: null, covered: null };
    case 'exception':
    case 'break-glass':
      return judgeByException(finding, what, rule, input);
    case 'fail':
      return { finding, refused: what, covered: null };
  }
}

/** Without those that signed VEX takes away: none that is known to be exploited. */
function sortOut({ findings, vex = NO_VEX, policy, risk = NO_RISK, now }: ScanInput): {
  readonly counted: readonly ScanFinding[];
  readonly removed: readonly RemovedFinding[];
} {
  const looked = findings.map((finding) => ({
    finding,
    by:
      policy.vex && !isExploited(finding, policy, risk)
        ? removedBy(vex, finding, Date.parse(now))
        : null,
  }));
  return {
    counted: looked.filter(({ by }) => by === null).map(({ finding }) => finding),
    removed: looked.flatMap(({ finding, by }) => (by === null ? [] : [{ finding, by }])),
  };
}

/**
 * Critical and High stop but for a broken glass; Medium and Unknown as the policy says; exceptions are ours, never the scanner's.
 * A database or a list that cannot be believed makes the verdict `error`: nothing found by it means nothing.
 */
export function judgeScan(input: ScanInput): Verdict {
  const { counted, removed } = sortOut(input);
  const judged = counted.map((finding) => judgeFinding(finding, input));
  const refused = judged.flatMap((one) => one.refused ?? []);
  const nowMs = Date.parse(input.now);
  const distrust = [
    ...[distrustDatabase(input)].filter((why) => why !== null),
    ...distrustLists(input.risk ?? NO_RISK, input.policy, nowMs),
  ];
  const base = {
    gate: 'scan',
    subject: input.subject,
    evidence: evidenceOf(input, judged, removed),
  } as const;
  // What an old database does find is still true.
  if (refused.length > 0) {
    const more = refused.length - MAX_REASONS;
    const reasons = refused.slice(0, MAX_REASONS);
    return {
      ...base,
      outcome: 'fail',
      reasons: [...reasons, ...(more > 0 ? [`and ${more} more`] : []), ...distrust],
    };
  }
  return distrust.length > 0
    ? { ...base, outcome: 'error', reasons: distrust }
    : { ...base, outcome: 'pass', reasons: [] };
}
