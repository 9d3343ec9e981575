import type { ScanRecord } from '../admission/cve-verdict';
import { coveredUntil, describeCovered, type CoveredFinding } from '../scan/covered';
import type { Json, Verdict } from '../verdict';
import { describeEnd, type GrantedException } from './exception';

interface LapsedInput {
  readonly svc: string;
  readonly subject: string;
  /** Its newest scan, which passed. */
  readonly record: ScanRecord;
  readonly covered: readonly CoveredFinding[];
  readonly exceptions: readonly GrantedException[];
  readonly nowMs: number;
}

const MAX_REASONS = 20;

function describe(
  { exceptionId, vulnerabilityId, packageName, packageVersion, limit }: CoveredFinding,
  { exceptions, nowMs }: LapsedInput,
): string {
  const what = `${vulnerabilityId} in ${packageName} ${packageVersion}`;
  if (limit !== null && !(Date.parse(limit) > nowMs)) {
    return `${what}: its fix has been available for longer than the policy allows`;
  }
  const known = exceptions.find(({ id }) => id === exceptionId);
  const how = known ? describeEnd(known) : 'is not there any more';
  return `${what}: its exception ${exceptionId} ${how}`;
}

/**
 * What a scan that passed comes to once exceptions that it took have ended: the same findings, of which some count now. Null while
 * every one of them is covered.
 */
export function judgeLapsed(input: LapsedInput): Verdict | null {
  const { svc, subject, record, covered, exceptions, nowMs } = input;
  const lapsed = covered.filter((one) => !(coveredUntil(one, exceptions, svc) > nowMs));
  if (lapsed.length === 0) return null;
  const left = covered.filter((one) => !lapsed.includes(one));
  const more = lapsed.length - MAX_REASONS;
  return {
    gate: 'scan',
    subject,
    outcome: 'fail',
    reasons: [
      ...lapsed.slice(0, MAX_REASONS).map((one) => describe(one, input)),
      ...(more > 0 ? [`and ${more} more`] : []),
    ],
    evidence: {
      ...(record.evidence as Readonly<Record<string, Json>>),
      refused: lapsed.map(
        ({ vulnerabilityId, packageName, packageVersion }) =>
          `${vulnerabilityId} ${packageName}@${packageVersion}`,
      ),
      excepted: left.map(describeCovered),
      covered: left.map((one) => ({ ...one })),
      rejudged: record.at,
    },
  };
}
