import type { CheckFinding } from './finding';

export const CHECK_OUTCOMES = ['ok', 'unchecked', 'failing', 'rolled-back'] as const;
export type CheckOutcome = (typeof CHECK_OUTCOMES)[number];

/** What a run found at a service, and did. */
export interface ServiceCheck {
  readonly svc: string;
  /** Temporal's run id of its first execution. */
  readonly runId: string;
  /** RFC 3339 */
  readonly at: string;
  readonly outcome: CheckOutcome;
  /** Digests that were looked at. */
  readonly digests: number;
  readonly findings: readonly CheckFinding[];
  /** What was decided, and why; empty when all is well. */
  readonly note: string;
}

/** Two checks in a row with the same one are kept as one. That nothing could be found out is the same, whatever did not answer. */
export function samenessOf({ outcome, findings }: ServiceCheck): string {
  if (outcome === 'ok' || outcome === 'unchecked') return outcome;
  const lines = findings.map(
    ({ check, result, digest, where }) => `${check} ${result} ${digest ?? ''} ${where.join()}`,
  );
  return [outcome, ...lines.sort()].join('\n');
}
