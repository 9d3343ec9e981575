import { Context } from '@temporalio/activity';
import type { Verdict } from '../src/domain/verdict';
import type { Deps } from './deps';

/** Which release a verdict belongs to. */
export interface ReleaseRef {
  readonly releaseId: string;
  readonly svc: string;
  readonly policyHash: string;
  /** `sha256:` of the plan it goes by; a release without a plan has none. */
  readonly planHash?: string;
}

/** Evidence above this stays in the ledger only: histories are read by people and have limits. */
const MAX_EVIDENCE_BYTES = 1024;
const MAX_REASONS = 5;

export function currentRunId(): string {
  return Context.current().info.workflowExecution?.runId ?? '';
}

function summarize(verdict: Verdict): Verdict {
  const small = JSON.stringify(verdict.evidence).length <= MAX_EVIDENCE_BYTES;
  const more = verdict.reasons.length - MAX_REASONS;
  return {
    ...verdict,
    evidence: small ? verdict.evidence : { kept: 'in the ledger' },
    reasons: [
      ...verdict.reasons.slice(0, MAX_REASONS).map((reason) => reason.slice(0, 500)),
      ...(more > 0 ? [`and ${more} more`] : []),
    ],
  };
}

/** Stores the full verdict, returns what the workflow keeps of it. */
export async function recordVerdict(
  deps: Pick<Deps, 'ledger' | 'now'>,
  release: ReleaseRef,
  verdict: Verdict,
): Promise<Verdict> {
  await deps.ledger.recordVerdict(
    release.releaseId,
    currentRunId(),
    release.policyHash,
    verdict,
    deps.now().toISOString(),
  );
  return summarize(verdict);
}
