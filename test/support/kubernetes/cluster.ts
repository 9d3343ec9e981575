import { join } from 'node:path';
import type { ClusterAccess } from '../../../src/adapters/kubernetes/cluster-access';
import { createKubernetesRollout } from '../../../src/adapters/kubernetes/kubernetes-rollout';
import type { KubernetesOptions } from '../../../src/adapters/kubernetes/options';
import type { ImageRef } from '../../../src/domain/reference';
import type { Rollout } from '../../../src/ports/rollout';
import { startFakeKubelet, type FakeKubelet } from './fake-kubelet';
import { startKubeServer, type KubeObject, type KubeServer } from './kube-server';

export const FIXTURES = join(__dirname, 'fixtures');
export const DEPLOY = join(__dirname, '..', '..', '..', 'deploy', 'kubernetes');
export const NAMESPACES = { dev: 'shop-dev', stg: 'shop-stg', prod: 'shop-prod' } as const;

export function testImage(digit: string): ImageRef {
  return { repository: 'apps/shop/web', digest: `sha256:${digit.repeat(64)}` };
}

/** How a cluster is reached in these tests; nothing is said about notices unless asked. */
export function clusterOptions(
  access: ClusterAccess,
  more: Partial<KubernetesOptions> = {},
): KubernetesOptions {
  return {
    access,
    timeoutMs: 10_000,
    namespaces: NAMESPACES,
    urls: {
      dev: 'https://{svc}.dev.example.com',
      stg: 'https://{svc}.stg.example.com',
      prod: 'https://{svc}.example.com',
    },
    registryHost: 'registry.example.com',
    pollMs: 50,
    onNotice: () => undefined,
    gateway: { namespace: 'gateways', name: 'public' },
    // A limit for what hangs, not for what is slow on a busy machine.
    gatewayTimeoutMs: 20_000,
    replicas: 2,
    maxWarm: 1,
    port: 8080,
    resources: {
      requests: { cpu: '100m', memory: '64Mi' },
      limits: { cpu: '1', memory: '64Mi' },
    },
    appArmorProfile: 'RuntimeDefault',
    imagePullSecret: null,
    versionHeader: null,
    ...more,
  };
}

export interface TestCluster {
  readonly server: KubeServer;
  readonly kubelet: FakeKubelet;
  readonly rollout: Rollout;
  /** An object as JSON. */
  get(path: string): Promise<KubeObject>;
  /** As somebody else, with kubectl's name. */
  edit(path: string, patch: KubeObject): Promise<void>;
  stop(): Promise<void>;
}

/** A real API server with the APIs that rollouts need, the namespaces, and what plays the rest of the cluster. */
export async function startTestCluster(
  more: Partial<KubernetesOptions> = {},
): Promise<TestCluster> {
  const server = await startKubeServer();
  await server.create(join(FIXTURES, 'httproutes.yaml'));
  await server.create(join(FIXTURES, 'rollouts.yaml'));
  for (const name of [...Object.values(NAMESPACES), 'plura-reg']) {
    await makeNamespace(server, name);
  }
  const kubelet = await startFakeKubelet(server);
  return {
    server,
    kubelet,
    rollout: createKubernetesRollout(clusterOptions(server.admin, more)),
    get: (path) => server.call({ method: 'GET', path }),
    edit: async (path, body) => {
      await server.call({
        method: 'PATCH',
        path: `${path}?fieldManager=kubectl-edit`,
        contentType: 'application/merge-patch+json',
        body,
      });
    },
    stop: async () => {
      await kubelet.stop();
      await server.stop();
    },
  };
}

async function makeNamespace(server: KubeServer, name: string): Promise<void> {
  await server.call({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  });
}

/** Lets `between` happen before the call of that number is sent: after a look, say, and before the write that follows it. */
export function interrupted(
  access: ClusterAccess,
  callNumber: number,
  between: () => Promise<unknown>,
): ClusterAccess {
  let calls = 0;
  return {
    server: access.server,
    authorize: async () => {
      calls += 1;
      if (calls === callNumber) {
        await between();
      }
      return access.authorize();
    },
  };
}
