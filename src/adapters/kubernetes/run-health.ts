import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseError } from '../../contract/errors';
import { failed } from './kube-errors';
import type { At } from './manifests';
import { runName } from './names';
import { readinessOf } from './readiness';
import { deploymentPath, type RunContext } from './run-context';
import { Deployment, type Placed } from './schema';

const DELETED = { state: 'failed', reason: 'somebody deleted its Deployment' } as const;

/** The error to throw when a digest does not get ready in time, with the cause; null = ready. */
export async function awaitReady(
  context: RunContext,
  at: At,
  placed: Placed,
  timeoutMs: number,
): Promise<ReleaseError | null> {
  const { client, options, explain } = context;
  const path = deploymentPath(context, at, placed.digest);
  const deadline = Date.now() + timeoutMs;
  for (;;) {
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
    await sleep(options.pollMs);
  }
}

/** Why a digest that was ready does not run as it should; null = it does. */
export async function troubleOf(
  { options, explain }: RunContext,
  at: At,
  placed: Placed,
  deployment: Deployment | undefined,
): Promise<string | null> {
  const name = runName(at.svc, placed.digest);
  if (!deployment) {
    return `${name} does not run: ${DELETED.reason}`;
  }
  const readiness = readinessOf(deployment);
  if (readiness.state === 'ready') {
    return null;
  }
  const { sentence, crashed } = await explain(
    options.namespaces[at.env],
    at.svc,
    placed,
    deployment,
  );
  // A pod that moves to another node is no trouble while others serve; a version that crashes is.
  const serves = readiness.state === 'waiting' && deployment.status.availableReplicas > 0;
  return serves && !crashed ? null : `${name} does not run: ${sentence}`;
}
