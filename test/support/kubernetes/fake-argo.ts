import type { ClusterAccess } from '../../../src/adapters/kubernetes/cluster-access';
import type { ArgoOptions } from '../../../src/adapters/kubernetes/options';
import type { Digest } from '../../../src/domain/digest';
import type { Environment } from '../../../src/domain/reference';
import { clusterOptions, NAMESPACES } from './cluster';
import type { KubeObject, KubeServer } from './kube-server';

export function argoOptions(access: ClusterAccess, more: Partial<ArgoOptions> = {}): ArgoOptions {
  const { timeoutMs, namespaces, urls, registryHost, pollMs, onNotice } = clusterOptions(access);
  return {
    access,
    timeoutMs,
    namespaces,
    urls,
    registryHost,
    pollMs,
    onNotice,
    container: null,
    services: { stable: '{svc}-stable', candidate: '{svc}-canary' },
    servicePort: 80,
    minScalePercent: 25,
    settleTimeoutMs: 5_000,
    ...more,
  };
}

export function argoPath(env: Environment, svc: string): string {
  return `/apis/argoproj.io/v1alpha1/namespaces/${NAMESPACES[env]}/rollouts/${svc}`;
}

/** A Rollout as its team makes it, handed over by the label. */
export async function createTestRollout(
  server: KubeServer,
  env: Environment,
  svc: string,
  metadata: KubeObject = { labels: { 'plura.reg/service': svc } },
): Promise<void> {
  await server.call({
    method: 'POST',
    path: argoPath(env, '').slice(0, -1),
    body: {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      metadata: { ...metadata, name: svc },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: svc } },
        template: {
          metadata: { labels: { app: svc } },
          spec: {
            containers: [
              { name: 'app', image: 'placeholder', env: [{ name: 'COLOUR', value: 'blue' }] },
              { name: 'sidecar', image: 'registry.example.com/sidecar:1' },
            ],
          },
        },
        strategy: {
          canary: {
            stableService: `${svc}-stable`,
            canaryService: `${svc}-canary`,
            trafficRouting: { plugins: { 'argoproj-labs/gatewayAPI': { httpRoute: svc } } },
            steps: [{ setWeight: 20 }, { pause: {} }],
          },
        },
      },
    },
  });
}

interface Seen {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly generation: number;
  };
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly image: string }[] };
    };
    readonly strategy: { readonly canary: { readonly steps?: readonly { setWeight?: number }[] } };
  };
  readonly status?: { readonly observedGeneration?: string; readonly stableRS?: string };
}

export interface FakeArgo {
  decide(digest: Digest, fate: 'ready' | 'unready' | 'degraded'): void;
  stop(): Promise<void>;
}

/** Plays Argo's controller: each new generation is looked at once and gets the status that Argo would come to. */
export function startFakeArgo(server: KubeServer): FakeArgo {
  const fates = new Map<string, 'ready' | 'unready' | 'degraded'>();
  let stopped = false;
  const tick = async (): Promise<void> => {
    const path = '/apis/argoproj.io/v1alpha1/rollouts';
    const { items = [] } = (await server.call({ method: 'GET', path })) as {
      items?: readonly Seen[];
    };
    for (const one of items) {
      if (one.status?.observedGeneration !== String(one.metadata.generation)) {
        await follow(server, one, fates).catch(() => undefined);
      }
    }
  };
  const loop = (async (): Promise<void> => {
    while (!stopped) {
      await tick().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return {
    decide: (digest, fate) => {
      fates.set(digest, fate);
    },
    stop: async () => {
      stopped = true;
      await loop;
    },
  };
}

async function follow(
  server: KubeServer,
  one: Seen,
  fates: ReadonlyMap<string, 'ready' | 'unready' | 'degraded'>,
): Promise<void> {
  const { name, namespace } = one.metadata;
  const image = one.spec.template.spec.containers[0]?.image ?? '';
  const digest = image.split('@')[1] ?? '';
  const fate = digest === '' ? 'degraded' : (fates.get(digest) ?? 'ready');
  const hash = digest.slice(7, 17);
  if (fate === 'unready') {
    await showPod(server, one, hash);
  }
  await server.call({
    method: 'PATCH',
    path: `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/rollouts/${name}/status`,
    contentType: 'application/merge-patch+json',
    body: { status: statusOf(one, hash, fate) },
  });
}

function statusOf(one: Seen, hash: string, fate: string): KubeObject {
  const { replicas, strategy } = one.spec;
  const stableRS = one.status?.stableRS ?? '';
  const weight = (strategy.canary.steps ?? []).find((step) => step.setWeight !== undefined);
  const base = {
    observedGeneration: String(one.metadata.generation),
    currentPodHash: hash,
    message: '',
    controllerPause: false,
    pauseConditions: null,
    canary: null,
  };
  if (replicas === 0) {
    return { ...base, phase: 'Healthy', stableRS: '' };
  }
  if (fate === 'degraded') {
    const message = 'ProgressDeadlineExceeded: ReplicaSet has timed out progressing.';
    return { ...base, phase: 'Degraded', message };
  }
  if (fate === 'unready') {
    const message = 'updated replicas are still becoming available';
    return { ...base, phase: 'Progressing', message };
  }
  if (stableRS === '' || stableRS === hash || weight === undefined) {
    return { ...base, phase: 'Healthy', stableRS: hash };
  }
  return {
    ...base,
    phase: 'Paused',
    message: 'CanaryPauseStep',
    controllerPause: true,
    pauseConditions: [{ reason: 'CanaryPauseStep', startTime: new Date().toISOString() }],
    canary: { weights: { canary: { weight: weight.setWeight } } },
  };
}

async function showPod(server: KubeServer, one: Seen, hash: string): Promise<void> {
  const { name, namespace } = one.metadata;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const pod = `${name}-${hash}-${one.metadata.generation}`;
  await server.call({
    method: 'POST',
    path: pods,
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: pod, labels: { 'rollouts-pod-template-hash': hash } },
      spec: { containers: [{ name: 'app', image: 'a' }] },
    },
  });
  await server.call({
    method: 'PATCH',
    path: `${pods}/${pod}/status`,
    contentType: 'application/merge-patch+json',
    body: {
      status: {
        phase: 'Running',
        containerStatuses: [
          {
            name: 'app',
            image: 'a',
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { running: {} },
          },
        ],
      },
    },
  });
}
