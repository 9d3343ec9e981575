import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseError } from '../../contract/errors';
import type { RolloutWrite } from '../../ports/rollout';
import { podsOf, tell } from './explain';
import { failed } from './kube-errors';
import type { At } from './manifests';
import { runName } from './names';
import { diagnoseSince } from './pod-history';
import { readinessOf } from './readiness';
import { deploymentPath, type RunContext } from './run-context';
import { Deployment, type Placed } from './schema';

const DELETED = { state: 'failed', reason: 'somebody deleted its Deployment' } as const;

/** The error to throw when a digest does not get ready in time, with the cause; null = ready. Throws what aborts `at.signal`. */
export async function awaitReady(
  context: RunContext,
  at: At & Pick<RolloutWrite, 'signal'>,
  placed: Placed,
  timeoutMs: number,
): Promise<ReleaseError | null> {
  const { signal } = at;
  const { client, options, explain } = context;
  const path = deploymentPath(context, at, placed.digest);
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const found = await client.find(path, Deployment);
    const readiness = found ? readinessOf(found) : DELETED;
    if (readiness.state === 'ready') {
      return null;
    }
    if (readiness.state === 'failed' || Date.now() >= deadline) {
      const { sentence } = found
        ? await explain(options.namespaces[at.env], at.svc, placed, found)
        : { sentence: DELETED.reason };
      return failed(
        `${runName(at.svc, placed.digest)} in ${at.env} did not get ready within ${timeoutMs} ms: ${sentence}`,
        'Mend the image or what it needs in the cluster, then release again.',
      );
    }
    await sleep(options.pollMs, undefined, { signal });
  }
}

interface Asked {
  readonly placed: Placed;
  readonly deployment: Deployment | null;
  /** RFC 3339: how its containers ended from then on counts too, though it runs by now. */
  readonly since?: string | undefined;
}

/** Why a digest that was ready does not run as it should; null = it does. */
export async function troubleOf(
  context: RunContext,
  at: At,
  { placed, deployment, since }: Asked,
): Promise<string | null> {
  const { options, explain } = context;
  const name = runName(at.svc, placed.digest);
  if (!deployment) {
    return `${name} does not run: ${DELETED.reason}`;
  }
  const readiness = readinessOf(deployment);
  if (readiness.state === 'ready') {
    return troubleSince(context, at, placed, since);
  }
  const { sentence, crashed } = await explain(
    options.namespaces[at.env],
    at.svc,
    placed,
    deployment,
  );
  // A pod that moves to another node is no trouble while others serve; a version that crashes is.
  const serves = readiness.state === 'waiting' && deployment.status.availableReplicas > 0;
  return serves && !crashed
    ? troubleSince(context, at, placed, since)
    : `${name} does not run: ${sentence}`;
}

async function troubleSince(
  { client, options }: RunContext,
  { svc, env }: At,
  placed: Placed,
  since: string | undefined,
): Promise<string | null> {
  if (since === undefined) {
    return null;
  }
  const namespace = options.namespaces[env];
  const pods = await podsOf(client, namespace, svc, placed);
  const found = diagnoseSince(pods, Date.parse(since));
  const name = runName(svc, placed.digest);
  return found && `${name} runs, but did not keep running: ${await tell(client, namespace, found)}`;
}
