import type { Digest } from '../../src/domain/digest';
import type { Environment } from '../../src/domain/reference';
import { writeBehind, type BehindEdge } from './edges';
import { nowIso } from './progress';
import { readiness } from './proxies';
import type { ReleaseRun, Serving } from './release-run';

/** Starts the digest beside what is stable; without traffic, unless nothing else serves: then it is a write behind the edge of traffic. */
export async function startCandidate(
  run: ReleaseRun,
  env: Environment,
  digest: Digest,
  behind?: BehindEdge,
): Promise<Serving> {
  const { service, epoch } = run.input;
  run.compensations.addTraffic(`${env} candidate withdrawn`, async () => {
    await run.proxies.writes.withdrawCandidate.executeWithOptions(
      { summary: `${env}: all traffic to stable, candidate stopped` },
      [{ service, env, epoch }],
    );
    return undefined;
  });
  const since = nowIso();
  const { stable } = await writeBehind(run, behind, (asked) =>
    run.proxies.starts.startCandidate.executeWithOptions(
      { summary: `${env}: start the candidate` },
      [{ service, env, epoch, digest, ...readiness(run.input.policy), ...asked }],
    ),
  );
  // After a rollback, or a first release that failed later, the digest may be stable here already.
  return { track: stable === digest ? 'stable' : 'candidate', previous: stable, since };
}

export async function giveTraffic(
  run: ReleaseRun,
  env: Environment,
  digest: Digest,
  serving: Serving,
  percent: number,
  behind?: BehindEdge,
): Promise<void> {
  if (serving.track === 'stable') return;
  const { service, epoch } = run.input;
  await writeBehind(run, behind, (asked) =>
    run.proxies.writes.setCandidatePercent.executeWithOptions(
      { summary: `${env}: ${percent} % to the candidate` },
      [{ service, env, epoch, digest, percent, ...asked }],
    ),
  );
}

/** Compensation of a stable track this release takes, or may have begun to take. */
export function restoreStableLater(
  run: ReleaseRun,
  env: Environment,
  digest: Digest,
  serving: Serving,
): void {
  const { service, epoch } = run.input;
  const { previous } = serving;
  if (previous === digest) return;
  run.compensations.addTraffic(`${env} traffic back`, async () => {
    if (!previous) {
      await run.proxies.writes.clearStable.executeWithOptions(
        { summary: `${env}: nothing was stable before` },
        [{ service, env, epoch }],
      );
      return 'nothing was stable before, and nothing is again';
    }
    await run.proxies.starts.makeStable.executeWithOptions(
      { summary: `${env}: traffic back to ${previous.slice(7, 19)}` },
      [{ service, env, epoch, digest: previous, ...readiness(run.input.policy), former: 'stop' }],
    );
    return undefined;
  });
}

export async function makeStable(
  run: ReleaseRun,
  env: Environment,
  digest: Digest,
  behind: BehindEdge,
): Promise<void> {
  const { service, epoch } = run.input;
  await writeBehind(run, behind, (asked) =>
    run.proxies.starts.makeStable.executeWithOptions(
      { summary: `${env}: all traffic to ${digest.slice(7, 19)}` },
      [{ service, env, epoch, digest, ...readiness(run.input.policy), ...asked }],
    ),
  );
}
