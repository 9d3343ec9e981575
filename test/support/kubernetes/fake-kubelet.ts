import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Digest } from '../../../src/domain/digest';
import type { KubeObject, KubeServer } from './kube-server';

/** How the pods of an image fare. */
export type Fate =
  'ready' | 'unready' | 'crash' | 'evicted' | 'unpullable' | 'unschedulable' | 'over-quota';

interface Seen {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly generation: number;
    readonly uid: string;
  };
  readonly spec: {
    readonly replicas?: number;
    readonly parentRefs?: readonly KubeObject[];
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly { readonly image: string }[] };
    };
  };
}

export interface FakeKubelet {
  /** What happens to pods of this digest from now on; `ready` unless told. */
  decide(digest: Digest, fate: Fate): void;
  /** What the gateway says to routes from now on. */
  decideRoutes(answer: 'accept' | 'refuse' | 'ignore'): void;
  stop(): Promise<void>;
}

export const LAST_LINES = 'connecting to the database\npanic: no route to host\n';
const NODE = 'node-1';
const TICK_MS = 100;

/**
 * Plays what a cluster has beside its API server: the Deployment controller, scheduler and kubelet (status and pods, logs by a
 * node's API), and the controller of a Gateway.
 */
export async function startFakeKubelet(server: KubeServer): Promise<FakeKubelet> {
  const fates = new Map<string, Fate>();
  const done = new Map<string, string>();
  let routes: 'accept' | 'refuse' | 'ignore' = 'accept';
  const logs = await startLogServer(server);
  await registerNode(server, (logs.address() as AddressInfo).port);
  const abort = new AbortController();

  // An object that was written or deleted meanwhile is looked at again.
  const settle = async (uid: string, key: string, work: () => Promise<void>): Promise<void> => {
    if (done.get(uid) !== key) {
      await work().then(
        () => done.set(uid, key),
        () => undefined,
      );
    }
  };
  const tick = async (): Promise<void> => {
    for (const one of await list(server, '/apis/apps/v1/deployments')) {
      const image = one.spec.template.spec.containers[0]?.image ?? '';
      const fate = fates.get(image.split('@')[1] ?? '') ?? 'ready';
      const key = `${one.metadata.uid} ${one.metadata.generation} ${fate}`;
      await settle(one.metadata.uid, key, () => play(server, one, fate));
    }
    for (const one of await list(server, '/apis/gateway.networking.k8s.io/v1/httproutes')) {
      const key = `${one.metadata.generation} ${routes}`;
      if (routes !== 'ignore') {
        await settle(one.metadata.uid, key, () => answerRoute(server, one, routes === 'accept'));
      }
    }
  };
  const loop = (async (): Promise<void> => {
    while (!abort.signal.aborted) {
      await tick().catch(() => undefined);
      await pause(TICK_MS, abort.signal);
    }
  })();
  return {
    decide: (digest, fate) => {
      fates.set(digest, fate);
    },
    decideRoutes: (answer) => {
      routes = answer;
    },
    stop: async () => {
      abort.abort();
      await loop;
      logs.closeAllConnections();
      logs.close();
      await once(logs, 'close');
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

async function list(server: KubeServer, path: string): Promise<readonly Seen[]> {
  const answer = (await server.call({ method: 'GET', path })) as { items?: readonly Seen[] };
  return answer.items ?? [];
}

async function play(server: KubeServer, one: Seen, fate: Fate): Promise<void> {
  const { name, namespace, generation } = one.metadata;
  const replicas = one.spec.replicas ?? 1;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const pod = `${name}-${generation}`.slice(0, 60);
  if (replicas > 0 && fate !== 'ready' && fate !== 'over-quota') {
    await showPod(server, pods, pod, one, fate);
  }
  const running = fate === 'over-quota' ? 0 : replicas;
  const available = fate === 'ready' ? replicas : 0;
  const now = new Date().toISOString();
  const condition = (
    type: string,
    status: string,
    reason: string,
    message: string,
  ): KubeObject => ({
    type,
    status,
    reason,
    message,
    lastTransitionTime: now,
    lastUpdateTime: now,
  });
  await server.call({
    method: 'PATCH',
    path: `/apis/apps/v1/namespaces/${namespace}/deployments/${name}/status`,
    contentType: 'application/merge-patch+json',
    body: {
      status: {
        observedGeneration: generation,
        replicas: running,
        updatedReplicas: running,
        readyReplicas: available,
        availableReplicas: available,
        unavailableReplicas: replicas - available,
        conditions: [
          condition('Progressing', 'True', 'ReplicaSetUpdated', 'is progressing'),
          ...(fate === 'over-quota'
            ? [condition('ReplicaFailure', 'True', 'FailedCreate', 'exceeded quota: pods')]
            : []),
        ],
      },
    },
  });
}

async function showPod(
  server: KubeServer,
  pods: string,
  name: string,
  one: Seen,
  fate: Fate,
): Promise<void> {
  const { labels } = one.spec.template.metadata;
  const image = one.spec.template.spec.containers[0]?.image ?? '';
  await server
    .call({
      method: 'POST',
      path: pods,
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, labels },
        spec: {
          automountServiceAccountToken: false,
          ...(fate === 'unschedulable' ? {} : { nodeName: NODE }),
          containers: [{ name: 'app', image }],
        },
      },
    })
    // It is there when its fate changes.
    .catch(() => undefined);
  await server.call({
    method: 'PATCH',
    path: `${pods}/${name}/status`,
    contentType: 'application/merge-patch+json',
    body: { status: podStatus(fate, image) },
  });
  if (fate === 'unready') {
    await showEvent(server, one.metadata.namespace, name);
  }
}

function podStatus(fate: Fate, image: string): KubeObject {
  const container = (state: KubeObject, more: KubeObject = {}): KubeObject => ({
    phase: 'Running',
    containerStatuses: [
      { name: 'app', image, imageID: '', ready: false, restartCount: 0, state, ...more },
    ],
  });
  switch (fate) {
    case 'crash':
      return container(
        { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting' } },
        { restartCount: 3, lastState: { terminated: { exitCode: 2, reason: 'Error' } } },
      );
    case 'evicted':
      return {
        phase: 'Failed',
        reason: 'Evicted',
        message: 'The node was low on resource: memory.',
      };
    case 'unpullable':
      return container({ waiting: { reason: 'ImagePullBackOff', message: 'manifest unknown' } });
    case 'unschedulable':
      return {
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/3 nodes are available: 3 Insufficient memory.',
          },
        ],
      };
    default:
      return container({ running: { startedAt: new Date().toISOString() } });
  }
}

async function showEvent(server: KubeServer, namespace: string, pod: string): Promise<void> {
  const now = new Date().toISOString();
  await server.call({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/events`,
    body: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { generateName: `${pod}.` },
      involvedObject: { kind: 'Pod', name: pod, namespace },
      type: 'Warning',
      reason: 'Unhealthy',
      message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
      source: { component: 'kubelet' },
      firstTimestamp: now,
      lastTimestamp: now,
    },
  });
}

async function answerRoute(server: KubeServer, one: Seen, accepts: boolean): Promise<void> {
  const { name, namespace, generation } = one.metadata;
  const condition = (type: string, status: boolean, reason: string): KubeObject => ({
    type,
    status: status ? 'True' : 'False',
    reason,
    message: status ? '' : 'hostname fits no listener',
    lastTransitionTime: new Date().toISOString(),
    observedGeneration: generation,
  });
  const accepted = accepts
    ? condition('Accepted', true, 'Accepted')
    : condition('Accepted', false, 'NoMatchingListenerHostname');
  await server.call({
    method: 'PATCH',
    path: `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes/${name}/status`,
    contentType: 'application/merge-patch+json',
    body: {
      status: {
        parents: [
          {
            parentRef: one.spec.parentRefs?.[0],
            controllerName: 'plura.reg/test',
            conditions: [accepted, condition('ResolvedRefs', true, 'ResolvedRefs')],
          },
        ],
      },
    },
  });
}

/** Where the API server fetches logs: `/containerLogs/{namespace}/{pod}/{container}` of the pod's node. */
async function startLogServer({ tls }: KubeServer): Promise<Server> {
  const options = { cert: await readFile(tls.certFile), key: await readFile(tls.keyFile) };
  const server = createServer(options, (_request, response) => {
    response.end(LAST_LINES);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function registerNode(server: KubeServer, port: number): Promise<void> {
  await server.call({
    method: 'POST',
    path: '/api/v1/nodes',
    body: { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } },
  });
  await server.call({
    method: 'PATCH',
    path: `/api/v1/nodes/${NODE}/status`,
    contentType: 'application/merge-patch+json',
    body: {
      status: {
        addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
        daemonEndpoints: { kubeletEndpoint: { Port: port } },
      },
    },
  });
}
