import { condition } from '@temporalio/workflow';
import type { Digest } from '../../src/domain/digest';
import { quorumReached } from '../../src/domain/approval';
import { moveChannel, restoreChannelLater } from './channels';
import { requirePass } from './failure';
import { nowIso } from './progress';
import type { ReleaseRun, Serving } from './release-run';
import { giveTraffic, makeStable, restoreStableLater, startCandidate } from './traffic';
import { passWindow } from './windows';

/** stg:candidate, canary step by step, stg:stable. */
export async function passCanary(run: ReleaseRun, digest: Digest): Promise<void> {
  const { progress, input } = run;
  const candidate = { env: 'stg', tag: 'candidate' } as const;
  const stable = { env: 'stg', tag: 'stable' } as const;
  const serving = await progress.step('stg', 'stg:candidate', async () => {
    restoreChannelLater(run, candidate, digest);
    await moveChannel(run, candidate, digest);
    return startCandidate(run, 'stg', digest);
  });
  for (const percent of input.policy.canary.stepsPercent) {
    await progress.step('canary', `canary ${percent} %`, () =>
      passCanaryStep(run, digest, serving, percent),
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
  percent: number,
): Promise<void> {
  const { service, policy } = run.input;
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
  await passWindow(run, {
    gate: 'canary',
    subject,
    env: 'stg',
    digest,
    policy: policy.canary,
    startedAtMs,
  });
}

/** prod:candidate with its share of prod's traffic, watched for the observation window. */
export async function passObservation(run: ReleaseRun, digest: Digest): Promise<Serving> {
  const { progress, input } = run;
  const { observation } = input.policy;
  const channel = { env: 'prod', tag: 'candidate' } as const;
  const serving = await progress.step('prod-candidate', 'prod:candidate', async () => {
    restoreChannelLater(run, channel, digest);
    await moveChannel(run, channel, digest);
    const started = await startCandidate(run, 'prod', digest);
    await giveTraffic(run, 'prod', digest, started, observation.candidatePercent);
    return started;
  });
  await progress.step('observation', 'observation', () =>
    passWindow(run, {
      gate: 'observation',
      subject: `${observation.candidatePercent} %`,
      env: 'prod',
      digest,
      policy: observation,
      startedAtMs: Date.now(),
    }),
  );
  return serving;
}

/** Waits for as many different people as the policy asks for. */
export async function waitForApproval(run: ReleaseRun): Promise<void> {
  const { approval } = run.input.policy;
  if (!approval.required) return;
  await run.progress.step('approval', 'approval', async () => {
    const reached = (): boolean => quorumReached(run.progress.status().approvals, approval);
    const count = approval.quorum === 1 ? '1 approval' : `${approval.quorum} approvals`;
    run.progress.note(`Waits for ${count} by ${approval.roles.join(' or ')}.`);
    const inTime = await condition(reached, approval.timeoutMs, {
      summary: `longest time for ${count}`,
    });
    const { approvals } = run.progress.status();
    const verdict = {
      gate: 'approval',
      subject: `quorum ${approval.quorum}`,
      outcome: inTime ? 'pass' : 'fail',
      reasons: inTime ? [] : [`${approvals.length} of ${approval.quorum} approvals by ${nowIso()}`],
      evidence: approvals.map(({ actor, at, via }) => ({ actor, at, via })),
    } as const;
    run.progress.record(verdict);
    requirePass(verdict);
  });
}
