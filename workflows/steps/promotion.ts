import type { Digest } from '../../src/domain/digest';
import type { CanaryStep } from '../../src/domain/plan';
import { scenariosBudgetMs } from '../../src/domain/scenario-limits';
import { assessWindow } from './assess-window';
import { moveChannel, restoreChannelLater } from './channels';
import { passEdge } from './edges';
import { requirePass } from './failure';
import { requireServed } from './look';
import { isOutdated, observeAgain, type Observed, type Watched } from './observe-again';
import { longActivities } from './proxies';
import type { ReleaseRun, Serving } from './release-run';
import { giveTraffic, makeStable, restoreStableLater, startCandidate } from './traffic';
import { withTraffic } from './traffic-for-window';
import { canarySteps, observed, planWindow } from './window-plan';
import { passWindow, type WindowPlan } from './windows';

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
  let watched: Watched | null = null;
  for (const step of canarySteps(input)) {
    watched = await progress.step('canary', `canary ${step.percent} %`, () =>
      passCanaryStep(run, digest, serving, step),
    );
  }
  const again = (): Promise<void> => passStableEdge(run, serving, watched);
  await again();
  await progress.step('canary', 'stg:stable', async () => {
    restoreChannelLater(run, stable, digest);
    restoreStableLater(run, 'stg', digest, serving);
    await makeStable(run, 'stg', digest, { edge: STG_CHANNEL, again });
    // Traffic has gone there: the channel follows it whatever has closed meanwhile.
    await moveChannel(run, stable, digest);
  });
}

/** A freeze may last for days, in which the candidate may have crashed or got worse: after one it is looked at again, as before the pin. */
async function passStableEdge(
  run: ReleaseRun,
  { since }: Serving,
  watched: Watched | null,
): Promise<void> {
  while ((await passEdge(run, STG_CHANNEL)) || (watched && isOutdated(run, watched))) {
    if (!watched) continue;
    const { window, percent } = watched;
    const subject = 'before stg:stable';
    await requireServed(run, { ...window, subject, served: { percent, since } });
    await observeAgain(run, watched);
  }
}

async function passCanaryStep(
  run: ReleaseRun,
  digest: Digest,
  serving: Serving,
  { percent, windowMs }: CanaryStep,
): Promise<Watched> {
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
  return passWatched(run, assessed, percent);
}

async function passWatched(run: ReleaseRun, window: WindowPlan, percent: number): Promise<Watched> {
  const lastMs = await withTraffic(run, window, percent, () => passWindow(run, window));
  return { window, percent, lastMs };
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
    const started = await startCandidate(run, 'prod', digest, { edge: PROD_TRAFFIC });
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
    return passWatched(run, assessed, percent);
  });
  return { ...serving, watched };
}
