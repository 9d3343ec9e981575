import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { describeFailure } from './failure';
import { longActivities } from './proxies';
import type { ReleaseRun } from './release-run';
import type { WindowPlan } from './windows';

/** Gives a service without traffic the least that its window needs, for as long as `work` lasts. */
export async function withTraffic<T>(
  run: ReleaseRun,
  { subject, env, digest, rules, guardrails, startedAtMs, comparison }: WindowPlan,
  percent: number,
  work: () => Promise<T>,
): Promise<T> {
  const { service } = run.input;
  const { windowMs } = rules;
  if (!comparison || service.scenarios.length === 0 || windowMs === 0) return work();
  const { minRequests } = guardrails;
  const startedAt = new Date(startedAtMs).toISOString();
  const scope = new CancellationScope();
  const driving = scope
    .run(() =>
      longActivities(windowMs).driveTraffic.executeWithOptions(
        { summary: `traffic at ${subject}, where there is too little` },
        [{ service, env, digest, percent, minRequests, startedAt, windowMs }],
      ),
    )
    .then(({ reason }) => {
      if (reason !== '') run.progress.note(`No traffic can be made at ${subject}: ${reason}.`);
    })
    .catch((error: unknown) => {
      // A help, not a gate: a window without traffic is judged as what it is.
      if (isCancellation(error)) return;
      run.progress.note(`Traffic at ${subject}: ${describeFailure(error).message}`);
    });
  try {
    return await work();
  } finally {
    scope.cancel();
    await driving;
  }
}
