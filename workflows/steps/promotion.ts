import type { Digest } from '../../src/domain/digest';
import type { CanaryStep } from '../../src/domain/plan';
import { scenariosBudgetMs } from '../../src/domain/scenario-limits';
import { assessWindow } from './assess-window';
import { moveChannel, restoreChannelLater } from './channels';
import { passEdge } from './edges';
import { requirePass } from './failure';
import type { Observed } from './observe-again';
import { longActivities } from './proxies';
import type { ReleaseRun, Serving } from './release-run';
import { giveTraffic, makeStable, restoreStableLater, startCandidate } from './traffic';
import { withTraffic } from './traffic-for-window';
import { canarySteps, observed, planWindow } from './window-plan';
import { passWindow } from './windows';

const STG_CHANNEL = { env: 'stg', edge: 'channel' } as const;
const PROD_TRAFFIC = { env: 'prod', edge: 'traffic' } as const;

/** stg:candidate, canary step by step, stg:stable. */
export async function passCanary(run: ReleaseRun, digest: Digest): Promise<void> {
  const { progress, input } = run;
  const candidate = { env: 'stg', tag: 'candidate' } as const;
  const stable = { env: 'stg', tag: 'stable' } as const;
  await passEdge(run, STG_CHANNEL);
  const serving = await progress.step('stg', 'stg:candidate', async () => {
    restoreChannelLater(run, candidate, digest);
    await moveChannel(run, candidate, digest, { edge: STG_CHANNEL });
    return startCandidate(run, 'stg', digest);
  });
  for (const step of canarySteps(input)) {
    await progress.step('canary', `canary ${step.percent} %`, () =>
      passCanaryStep(run, digest, serving, step),
    );
  }
  await passEdge(run, STG_CHANNEL);
  await progress.step('canary', 'stg:stable', async () => {
    restoreChannelLater(run, stable, digest);
    restoreStableLater(run, 'stg', digest, serving);
    await makeStable(run, 'stg', digest, { edge: STG_CHANNEL });
    // Traffic has gone there: the channel follows it whatever has closed meanwhile.
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
    const budgetMs = scenariosBudgetMs(service.scenarios);
    const { dependencyMs } = run.input.policy.timeouts;
    const verdict = await longActivities(budgetMs, dependencyMs).runScenarios.executeWithOptions(
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
export async function passObservation(run: ReleaseRun, digest: Digest): Promise<Observed> {
  const { progress, input } = run;
  const { percent, windowMs } = observed(input);
  const channel = { env: 'prod', tag: 'candidate' } as const;
  await passEdge(run, PROD_TRAFFIC);
  const serving = await progress.step('prod-candidate', 'prod:candidate', async () => {
    restoreChannelLater(run, channel, digest);
    await moveChannel(run, channel, digest, { edge: PROD_TRAFFIC });
    const started = await startCandidate(run, 'prod', digest);
    // It may have taken minutes to get ready: what has closed meanwhile holds it.
    await passEdge(run, PROD_TRAFFIC);
    await giveTraffic(run, 'prod', digest, started, percent, { edge: PROD_TRAFFIC });
    return started;
  });
  const watched = await progress.step('observation', 'observation', async () => {
    const subject = `${percent} %`;
    const startedAtMs = Date.now();
    const window = { gate: 'observation', subject, env: 'prod', digest, startedAtMs } as const;
    const plan = planWindow(input, window, { percent, windowMs, serving });
    const assessed = await assessWindow(run, plan, percent);
    const lastMs = await withTraffic(run, assessed, percent, () => passWindow(run, assessed));
    return { window: assessed, percent, lastMs };
  });
  return { ...serving, watched };
}
