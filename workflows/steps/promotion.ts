import { condition } from '@temporalio/workflow';
import type { Digest } from '../../src/domain/digest';
import { judgeApprovals, quorumReached } from '../../src/domain/approval';
import type { CanaryStep } from '../../src/domain/plan';
import type { ApprovalPolicy } from '../../src/domain/policy';
import type { ReleaseApproval } from '../../src/domain/release';
import type { Verdict } from '../../src/domain/verdict';
import { moveChannel, restoreChannelLater } from './channels';
import { passEdge } from './edges';
import { requirePass } from './failure';
import { nowIso } from './progress';
import type { ReleaseRun, Serving } from './release-run';
import { giveTraffic, makeStable, restoreStableLater, startCandidate } from './traffic';
import { withTraffic } from './traffic-for-window';
import { canarySteps, observed, planWindow } from './window-plan';
import { assessWindow, passWindow } from './windows';

/** stg:candidate, canary step by step, stg:stable. */
export async function passCanary(run: ReleaseRun, digest: Digest): Promise<void> {
  const { progress, input } = run;
  const candidate = { env: 'stg', tag: 'candidate' } as const;
  const stable = { env: 'stg', tag: 'stable' } as const;
  await passEdge(run, { env: 'stg', edge: 'channel' });
  const serving = await progress.step('stg', 'stg:candidate', async () => {
    restoreChannelLater(run, candidate, digest);
    await moveChannel(run, candidate, digest);
    return startCandidate(run, 'stg', digest);
  });
  for (const step of canarySteps(input)) {
    await progress.step('canary', `canary ${step.percent} %`, () =>
      passCanaryStep(run, digest, serving, step),
    );
  }
  await progress.step('canary', 'stg:stable', async () => {
    restoreChannelLater(run, stable, digest);
    restoreStableLater(run, 'stg', digest, serving);
    await makeStable(run, 'stg', digest);
    await moveChannel(run, stable, digest);
  });
}

async function passCanaryStep(
  run: ReleaseRun,
  digest: Digest,
  serving: Serving,
  { percent, windowMs }: CanaryStep,
): Promise<void> {
  const { service } = run.input;
  const subject = `${percent} %`;
  await giveTraffic(run, 'stg', digest, serving, percent);
  const startedAtMs = Date.now();
  if (service.scenarios.length > 0) {
    const verdict = await run.proxies.quick.runScenarios.executeWithOptions(
      { summary: `scenarios at ${subject}` },
      [{ release: run.release, subject, env: 'stg', track: serving.track, service }],
    );
    run.progress.record(verdict);
    requirePass(verdict);
  }
  const window = { gate: 'canary', subject, env: 'stg', digest, startedAtMs } as const;
  const plan = planWindow(run.input, window, { percent, windowMs, serving });
  const assessed = await assessWindow(run, plan, percent);
  await withTraffic(run, assessed, percent, () => passWindow(run, assessed));
}

/** prod:candidate with its share of prod's traffic, watched for the observation window. */
export async function passObservation(run: ReleaseRun, digest: Digest): Promise<Serving> {
  const { progress, input } = run;
  const { percent, windowMs } = observed(input);
  const channel = { env: 'prod', tag: 'candidate' } as const;
  await passEdge(run, { env: 'prod', edge: 'traffic' });
  const serving = await progress.step('prod-candidate', 'prod:candidate', async () => {
    restoreChannelLater(run, channel, digest);
    await moveChannel(run, channel, digest);
    const started = await startCandidate(run, 'prod', digest);
    await giveTraffic(run, 'prod', digest, started, percent);
    return started;
  });
  await progress.step('observation', 'observation', async () => {
    const subject = `${percent} %`;
    const startedAtMs = Date.now();
    const window = { gate: 'observation', subject, env: 'prod', digest, startedAtMs } as const;
    const plan = planWindow(input, window, { percent, windowMs, serving });
    await passWindow(run, await assessWindow(run, plan, percent));
  });
  return serving;
}

/** Waits for as many different people as the policy asks for. */
export async function waitForApproval(run: ReleaseRun, digest: Digest): Promise<void> {
  const { policy, plan, service } = run.input;
  const { approval } = policy;
  if (!approval.required) return;
  await run.progress.step('approval', 'approval', async () => {
    // A release that started before authors were read ends as it began.
    if (plan) {
      run.authors = await run.proxies.quick.readCommitAuthors.executeWithOptions(
        { summary: 'who wrote the commit?' },
        [{ service, digest }],
      );
    }
    const approvals = (): readonly ReleaseApproval[] => run.progress.status().approvals;
    const reached = (): boolean =>
      quorumReached(approvals(), approval, run.authors ? Date.now() : undefined);
    const count = approval.quorum === 1 ? '1 approval' : `${approval.quorum} approvals`;
    run.progress.note(`Waits for ${count} by ${approval.roles.join(' or ')}.`);
    const inTime = await condition(reached, approval.timeoutMs, {
      summary: `longest time for ${count}`,
    });
    const verdict = run.authors
      ? judgeApprovals({
          approvals: approvals(),
          policy: approval,
          authors: run.authors,
          nowMs: Date.now(),
        })
      : countApprovals(approvals(), approval, inTime);
    run.progress.record(verdict);
    requirePass(verdict);
  });
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
