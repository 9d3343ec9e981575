import type { ScanPolicy } from '../policy';
import type { ScanFinding } from './finding';
import type { RiskFacts } from './risk';

/** What lets a finding pass, from nothing needed to nothing that could. */
const RULES = ['allow', 'exception', 'break-glass', 'fail'] as const;
type FindingRule = (typeof RULES)[number];

interface RuledFinding {
  readonly rule: FindingRule;
  /** Why it is judged harder than its severity says, for people; empty when it is not. */
  readonly because: string;
}

function bySeverity({ severity }: ScanFinding, policy: ScanPolicy): FindingRule {
  const rules = {
    CRITICAL: 'break-glass',
    HIGH: 'break-glass',
    MEDIUM: policy.medium,
    LOW: 'allow',
    UNKNOWN: policy.unknown,
  } as const;
  return rules[severity];
}

const isMiddling = ({ severity }: ScanFinding): boolean =>
  severity === 'MEDIUM' || severity === 'UNKNOWN';

/** EPSS and KEV name CVEs in capitals. */
function scoreOf({ epss }: RiskFacts, { id }: ScanFinding): number {
  return epss?.scores[id.toUpperCase()] ?? 0;
}

function isFixOverdue(finding: ScanFinding, { fixAvailable }: ScanPolicy, nowMs: number): boolean {
  if (!fixAvailable || !isMiddling(finding) || finding.fixedVersion === null) return false;
  // The database has no date of the fix. An advisory without a date counts as old, one from before as its own.
  return !(nowMs - Date.parse(finding.publishedAt ?? '') <= fixAvailable.maxAgeMs);
}

/** As the policy's list of exploited vulnerabilities says. */
export function isExploited({ id }: ScanFinding, { kev }: ScanPolicy, risk: RiskFacts): boolean {
  return kev !== undefined && (risk.kev?.listed.includes(id.toUpperCase()) ?? false);
}

/** Each rule can only make it harder, so more lists never let more pass. */
export function ruleOf(
  finding: ScanFinding,
  policy: ScanPolicy,
  risk: RiskFacts,
  nowMs: number,
): RuledFinding {
  const asked: readonly RuledFinding[] = [
    { rule: bySeverity(finding, policy), because: '' },
    ...(policy.epss && isMiddling(finding) && scoreOf(risk, finding) >= policy.epss.threshold
      ? [
          {
            rule: 'break-glass' as const,
            because: `its EPSS score is ${scoreOf(risk, finding)}, the policy allows less than ${policy.epss.threshold}`,
          },
        ]
      : []),
    ...(isFixOverdue(finding, policy, nowMs)
      ? [
          {
            rule: 'fail' as const,
            because: 'its fix has been available for longer than the policy allows',
          },
        ]
      : []),
    ...(isExploited(finding, policy, risk)
      ? [{ rule: 'fail' as const, because: 'it is known to be exploited (CISA KEV)' }]
      : []),
  ];
  return asked.reduce((hardest, one) =>
    RULES.indexOf(one.rule) > RULES.indexOf(hardest.rule) ? one : hardest,
  );
}

/** RFC 3339: from when on the rule about fixes stops what an exception lets pass until then; null: never. */
export function fixLimitOf(finding: ScanFinding, { fixAvailable }: ScanPolicy): string | null {
  if (!fixAvailable || !isMiddling(finding) || finding.fixedVersion === null) return null;
  const publishedMs = Date.parse(finding.publishedAt ?? '');
  return Number.isNaN(publishedMs)
    ? null
    : new Date(publishedMs + fixAvailable.maxAgeMs).toISOString();
}
