import { setTimeout as sleep } from 'node:timers/promises';
import type { RolloutWrite } from '../../ports/rollout';
import type { Direction } from './fencing';
import type { KubeClient } from './kube-client';
import { failed, unavailable } from './kube-errors';
import type { At } from './manifests';
import { objectName } from './names';
import type { KubernetesOptions } from './options';
import { conditionOf, sentenceOf } from './readiness';
import { HttpRoute } from './schema';

export interface Confirmation {
  readonly client: KubeClient;
  readonly options: KubernetesOptions;
  readonly at: At & Pick<RolloutWrite, 'signal'>;
  readonly path: string;
}

/** Waits until the gateway has taken the route over: before that, requests go where they went. */
export async function confirmRoute(
  { client, options, at, path }: Confirmation,
  direction: Direction,
): Promise<void> {
  const { gateway, gatewayTimeoutMs, pollMs, onNotice, namespaces } = options;
  const deadline = Date.now() + gatewayTimeoutMs;
  const name = `Gateway ${gateway.namespace}/${gateway.name}`;
  while (gatewayTimeoutMs > 0) {
    const route = await client.find(path, HttpRoute);
    const answer = route && acceptanceOf(route, gateway, namespaces[at.env]);
    if (answer?.state === 'accepted') {
      return;
    }
    if (answer?.state === 'refused') {
      const reason = `${name} refuses HTTPRoute ${objectName(at.svc)}: ${answer.detail}`;
      if (direction === 'forward') {
        throw failed(reason, 'Set the route or the Gateway right, then release again.');
      }
      // Nothing goes through that gateway either way, so nothing is gained by waiting.
      onNotice(reason, at);
      return;
    }
    if (Date.now() >= deadline) {
      const detail = answer?.detail ?? 'the route is gone';
      throw unavailable(
        `${name} did not take the route over in ${gatewayTimeoutMs} ms: ${detail}`,
        route,
        {
          remedy: 'Check the controller of the Gateway; traffic may still go where it went.',
        },
      );
    }
    await sleep(pollMs, undefined, { signal: at.signal });
  }
}

interface Acceptance {
  readonly state: 'accepted' | 'refused' | 'pending';
  readonly detail: string;
}

/** Gateway API, "RouteParentStatus": conditions are about the generation that they name. */
export function acceptanceOf(
  { metadata, status }: HttpRoute,
  gateway: KubernetesOptions['gateway'],
  routeNamespace: string,
): Acceptance {
  const parent = status.parents.find(
    ({ parentRef }) =>
      parentRef.name === gateway.name &&
      (parentRef.namespace ?? routeNamespace) === gateway.namespace,
  );
  const accepted = conditionOf(parent?.conditions ?? [], 'Accepted');
  if (!accepted || (accepted.observedGeneration ?? 0) < metadata.generation) {
    return { state: 'pending', detail: 'it has not looked at the route yet' };
  }
  if (accepted.status === 'False') {
    return { state: 'refused', detail: sentenceOf(accepted) };
  }
  const resolved = conditionOf(parent?.conditions ?? [], 'ResolvedRefs');
  return resolved?.status === 'False'
    ? { state: 'pending', detail: sentenceOf(resolved) }
    : { state: 'accepted', detail: '' };
}
