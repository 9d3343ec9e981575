import { isDigest, type Digest } from '../../domain/digest';
import type { RolloutWrite } from '../../ports/rollout';
import { compareAndSet, epochOf } from './fencing';
import { ANNOTATIONS, LABELS } from './names';
import { assertOurs } from './ownership';
import { trackOf, type Placement } from './placement';
import { atVersion, deploymentPath, listRuns, servicePath, type RunContext } from './run-context';
import { Deployment, Service, Written, type Meta } from './schema';

/** Stops a digest unless a newer writer wants it. */
export async function stopRun(
  context: RunContext,
  write: RolloutWrite,
  digest: Digest,
): Promise<void> {
  const path = deploymentPath(context, write, digest);
  await compareAndSet(path, async () => {
    const found = await context.client.find(path, Deployment);
    if (!found || epochOf(found.metadata) > write.epoch || found.spec.replicas === 0) {
      return true;
    }
    assertOurs('Deployment', found.metadata, write.svc);
    const metadata = { labels: { [LABELS.track]: 'withdrawn' } };
    const body = atVersion({ metadata, spec: { replicas: 0 } }, found.metadata);
    return (await context.client.patch(path, 'merge', body, Written)) && true;
  });
}

/** Makes labels and sizes follow the placement; `remove` deletes what was stopped before. Newer writers' are left alone. */
export async function sweepRuns(
  context: RunContext,
  write: RolloutWrite,
  placement: Placement,
  remove: boolean,
): Promise<void> {
  for (const run of await listRuns(context, write)) {
    const digest = run.metadata.annotations[ANNOTATIONS.digest] ?? '';
    const { deletionTimestamp } = run.metadata;
    if (
      isDigest(digest) &&
      deletionTimestamp === undefined &&
      epochOf(run.metadata) <= write.epoch
    ) {
      await settleRun(context, write, { run, digest, track: trackOf(placement, digest), remove });
    }
  }
}

interface Settle {
  readonly run: Deployment;
  readonly digest: Digest;
  readonly track: string;
  readonly remove: boolean;
}

async function settleRun(
  context: RunContext,
  write: RolloutWrite,
  { run, digest, track, remove }: Settle,
): Promise<void> {
  if (track === 'withdrawn') {
    if (run.spec.replicas > 0) {
      await stopRun(context, write, digest);
    } else if (remove) {
      await removeRun(context, write, run, digest);
    }
    return;
  }
  if (run.metadata.labels[LABELS.track] !== track) {
    const body = atVersion({ metadata: { labels: { [LABELS.track]: track } } }, run.metadata);
    // Where a status update wins, the next sweep writes it: the label is for people.
    await context.client.patch(deploymentPath(context, write, digest), 'merge', body, Written);
  }
}

async function removeRun(
  context: RunContext,
  write: RolloutWrite,
  run: Deployment,
  digest: Digest,
): Promise<void> {
  const path = servicePath(context, write, digest);
  const service = await context.client.find(path, Service);
  if (service) {
    assertOurs('Service', service.metadata, write.svc);
    await context.client.remove(path, versionOf(service.metadata));
  }
  await context.client.remove(deploymentPath(context, write, digest), versionOf(run.metadata));
}

function versionOf({ uid, resourceVersion }: Meta): { uid: string; resourceVersion: string } {
  return { uid, resourceVersion };
}
