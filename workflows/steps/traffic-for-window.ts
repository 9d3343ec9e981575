import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { describeFailure } from './failure';
import { longActivities } from './proxies';
import type { ReleaseRun } from './release-run';
import type { WindowPlan } from './windows';

/**
 * Gives a service without traffic the least that its window needs, for as long as `work` lasts: in the window, and in as many
 * extensions as its plan allows; none while it holds. In prod only where the plan says so, as scenarios act there.
 */
export async function withTraffic<T>(
  run: ReleaseRun,
  window: WindowPlan,
  percent: number,
  work: () => Promise<T>,
): Promise<T> {
  if (!isDriven(run, window)) return work();
  const scope = new CancellationScope();
  const driving = scope
    .run(() => drive(run, window, percent))
    .catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  try {
    return await work();
  } finally {
    scope.cancel();
    await driving;
  }
}

export function isDriven({ input }: ReleaseRun, { env, rules, comparison }: WindowPlan): boolean {
  const { service, plan } = input;
  if (!comparison || service.scenarios.length === 0 || rules.windowMs === 0) return false;
  return env !== 'prod' || plan?.observation.traffic === 'drive';
}

async function drive(run: ReleaseRun, window: WindowPlan, percent: number): Promise<void> {
  const { rules, startedAtMs } = window;
  const { windowMs } = rules;
  for (let extensions = 0; extensions <= mostExtensions(window); extensions += 1) {
    const waitMs = startedAtMs + extensions * windowMs - Date.now();
    if (waitMs > 0) await sleep(waitMs, { summary: `until ${window.subject} is extended` });
    await driveOnce(run, window, { percent, extensions });
  }
}

function mostExtensions({ comparison }: WindowPlan): number {
  if (!comparison) return 0;
  const { inconclusive, error } = comparison.undecided;
  return Math.max(inconclusive.maxExtensions, error.maxExtensions);
}

/** A help, not a gate: a window without traffic is judged as what it is. */
async function driveOnce(
  run: ReleaseRun,
  { subject, env, digest, rules, guardrails, startedAtMs }: WindowPlan,
  { percent, extensions }: { readonly percent: number; readonly extensions: number },
): Promise<void> {
  const { service } = run.input;
  const { windowMs } = rules;
  const { minRequests } = guardrails;
  const startedAt = new Date(startedAtMs).toISOString();
  try {
    const { reason } = await longActivities(windowMs).driveTraffic.executeWithOptions(
      { summary: `traffic at ${subject}, where there is too little` },
      [{ service, env, digest, percent, minRequests, startedAt, windowMs, extensions }],
    );
    if (reason !== '') run.progress.note(`No traffic can be made at ${subject}: ${reason}.`);
  } catch (error) {
    if (isCancellation(error)) throw error;
    run.progress.note(`Traffic at ${subject}: ${describeFailure(error).message}`);
  }
}
