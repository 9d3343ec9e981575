import { condition } from '@temporalio/workflow';
import {
  isAuthorRefused,
  judgeApprovals,
  quorumReached,
  type ApprovalInput,
} from '../../src/domain/approval';
import type { Digest } from '../../src/domain/digest';
import type { ApprovalPolicy } from '../../src/domain/policy';
import type { ReleaseApproval } from '../../src/domain/release';
import type { Verdict } from '../../src/domain/verdict';
import { requirePass } from './failure';
import { nowIso } from './progress';
import type { ReleaseRun } from './release-run';

/** All that says now which approvals of the release count. */
export function approvalsOf(run: ReleaseRun): ApprovalInput {
  const { approvals, requestedBy } = run.progress.status();
  const { policy, plan } = run.input;
  return {
    approvals,
    requestedBy,
    policy: policy.approval,
    nowMs: Date.now(),
    // A release that started before authors were read ends as it began.
    ...(plan && { authors: run.authors }),
  };
}

/**
 * Who wrote the commit, read long before anybody may approve. Throws GATE_FAILED where nobody is named and the policy asks for it:
 * better now than after the canary.
 */
export async function readAuthors(run: ReleaseRun, digest: Digest): Promise<void> {
  const { plan, policy, service, origin } = run.input;
  if (!plan || !policy.approval.required) return;
  await run.progress.step('attest', 'commit authors', async () => {
    const authors = await run.proxies.quick.readCommitAuthors.executeWithOptions(
      { summary: 'who wrote the commit?' },
      [{ service, digest, built: origin.kind === 'source' }],
    );
    run.authors = authors;
    run.progress.setAuthors(authors);
    if (isAuthorRefused(policy.approval, authors)) await judge(run);
  });
}

/** Waits for as many different people as the policy asks for. Throws GATE_FAILED when they don't come in time. */
export async function waitForApproval(run: ReleaseRun): Promise<void> {
  if (!run.input.policy.approval.required) return;
  await run.progress.step('approval', 'approval', () => collect(run, ''));
}

/** Approvals that a freeze outlasted are asked for again. False: those given still count. */
export async function renewApproval(run: ReleaseRun): Promise<boolean> {
  const { plan, policy } = run.input;
  if (!plan || !policy.approval.required || quorumReached(approvalsOf(run))) return false;
  await run.progress.step('approval', 'approval again', () =>
    collect(run, ' again: those given are too old'),
  );
  return true;
}

async function collect(run: ReleaseRun, again: string): Promise<void> {
  const { approval } = run.input.policy;
  const count = approval.quorum === 1 ? '1 approval' : `${approval.quorum} approvals`;
  run.progress.note(`Waits for ${count} by ${approval.roles.join(' or ')}${again}.`);
  const inTime = await condition(() => quorumReached(approvalsOf(run)), approval.timeoutMs, {
    summary: `longest time for ${count}`,
  });
  if (run.input.plan) {
    await judge(run);
    return;
  }
  const verdict = countApprovals(run.progress.status().approvals, approval, inTime);
  run.progress.record(verdict);
  requirePass(verdict);
}

async function judge(run: ReleaseRun): Promise<void> {
  const authors = run.authors ?? { authors: [], known: false };
  const verdict = judgeApprovals({ ...approvalsOf(run), authors });
  run.progress.record(verdict);
  await run.proxies.quick.recordApprovals.executeWithOptions({ summary: 'approval: recorded' }, [
    { release: run.release, verdict },
  ]);
  requirePass(verdict);
}

function countApprovals(
  approvals: readonly ReleaseApproval[],
  { quorum }: ApprovalPolicy,
  inTime: boolean,
): Verdict {
  return {
    gate: 'approval',
    subject: `quorum ${quorum}`,
    outcome: inTime ? 'pass' : 'fail',
    reasons: inTime ? [] : [`${approvals.length} of ${quorum} approvals by ${nowIso()}`],
    evidence: approvals.map(({ actor, at, via }) => ({ actor, at, via })),
  };
}
