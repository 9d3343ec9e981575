import { ReleaseError } from '../../contract/errors';
import type { ServiceName } from '../../domain/reference';
import { diagnose, type Diagnosis } from './diagnosis';
import type { KubeClient } from './kube-client';
import { PATHS } from './kube-paths';
import { CONTAINER } from './manifests';
import { runSelector, selectorText } from './names';
import { podsRefused, readinessOf } from './readiness';
import { EventList, PodList, type Deployment, type Placed, type Pod } from './schema';

export interface Explanation {
  readonly sentence: string;
  readonly crashed: boolean;
}

const LINES = 10;
const LOG_BYTES = 4096;
const MAX_PODS = 50;

export type Explain = (
  namespace: string,
  svc: ServiceName,
  placed: Placed,
  deployment: Deployment,
) => Promise<Explanation>;

/** Finds the cause in the pods: what they wait for, how they ended, and their last lines. */
export function createExplainer(client: KubeClient): Explain {
  return async (namespace, svc, placed, deployment) => {
    const found = diagnose(await podsOf(client, namespace, svc, placed));
    if (!found) {
      const readiness = readinessOf(deployment);
      const seen = readiness.state === 'waiting' ? readiness.detail : reasonOf(readiness);
      return { sentence: podsRefused(deployment) ?? seen, crashed: false };
    }
    return { sentence: await tell(client, namespace, found), crashed: found.crashed };
  };
}

export async function podsOf(
  client: KubeClient,
  namespace: string,
  svc: ServiceName,
  { digest }: Placed,
): Promise<readonly Pod[]> {
  const labelSelector = selectorText(runSelector(svc, digest));
  const query = { labelSelector, limit: String(MAX_PODS) };
  return (await client.list(PATHS.pods(namespace), query, PodList)).items;
}

function reasonOf(readiness: ReturnType<typeof readinessOf>): string {
  return readiness.state === 'failed' ? readiness.reason : 'it is ready';
}

/** The sentence of a pod, with what its probe said and its last lines where there are any. */
export async function tell(
  client: KubeClient,
  namespace: string,
  { pod, cause, log, probe }: Diagnosis,
  container = CONTAINER,
): Promise<string> {
  const said = probe ? await unlessFailed(probeFailure(client, namespace, pod)) : '';
  const lines = log === 'none' ? '' : await unlessFailed(lastLines());
  return [
    `pod ${pod}: ${cause}`,
    ...(said === '' ? [] : [said]),
    ...(lines === '' ? [] : [`last lines: ${lines}`]),
  ].join('; ');

  async function lastLines(): Promise<string> {
    const text = await client.text(`${PATHS.pods(namespace)}/${pod}/log`, {
      container,
      previous: String(log === 'previous'),
      tailLines: String(LINES),
      limitBytes: String(LOG_BYTES),
    });
    return printable(text);
  }
}

async function probeFailure(client: KubeClient, namespace: string, pod: string): Promise<string> {
  const fieldSelector = `involvedObject.name=${pod},type=Warning`;
  const query = { fieldSelector, limit: '50' };
  const { items } = await client.list(PATHS.events(namespace), query, EventList);
  return items.filter(({ reason }) => reason === 'Unhealthy').at(-1)?.message ?? '';
}

/** A cause without its lines is better than none: the container or its node may be gone. */
async function unlessFailed(text: Promise<string>): Promise<string> {
  try {
    return await text;
  } catch (error) {
    if (error instanceof ReleaseError) {
      return '';
    }
    throw error;
  }
}

/** One line, without the control characters that a terminal would obey. */
function printable(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/[\p{Cc}\p{Cf}]/gu, ' ').trim());
  return lines
    .filter((line) => line !== '')
    .slice(-LINES)
    .join(' | ');
}
