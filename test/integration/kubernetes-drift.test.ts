import { createKubernetesRollout } from '../../src/adapters/kubernetes/kubernetes-rollout';
import { objectName, runName } from '../../src/adapters/kubernetes/names';
import type { Digest } from '../../src/domain/digest';
import {
  clusterOptions,
  interrupted,
  NAMESPACES,
  startTestCluster,
  testImage,
  type TestCluster,
} from '../support/kubernetes/cluster';
import type { KubeObject } from '../support/kubernetes/kube-server';

jest.setTimeout(60_000);

let cluster: TestCluster;
const [A, B, C] = [testImage('a'), testImage('b'), testImage('c')];

beforeAll(async () => {
  cluster = await startTestCluster();
});

afterAll(async () => {
  await cluster.stop();
});

const at = (svc: string, epoch = 1) => ({ svc, env: 'prod' as const, epoch });
const within = (group: string, kind: string, name: string): string =>
  `/${group}/namespaces/${NAMESPACES.prod}/${kind}/${name}`;
const deployment = (svc: string, { digest }: { readonly digest: Digest }): string =>
  within('apis/apps/v1', 'deployments', runName(svc, digest));
const service = (svc: string, { digest }: { readonly digest: Digest }): string =>
  within('api/v1', 'services', runName(svc, digest));
const route = (svc: string): string =>
  within('apis/gateway.networking.k8s.io/v1', 'httproutes', objectName(svc));

interface RouteObject {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec: {
    readonly rules: readonly { readonly backendRefs: readonly KubeObject[] }[];
  };
}

async function split(svc: string): Promise<readonly string[]> {
  const { spec } = (await cluster.get(route(svc))) as unknown as RouteObject;
  return (spec.rules[0]?.backendRefs ?? []).map(
    ({ name, weight }) => `${String(name)}=${String(weight)}`,
  );
}

async function canary(svc: string): Promise<void> {
  await cluster.rollout.makeStable(at(svc), A, '/healthz', 10_000);
  await cluster.rollout.startCandidate(at(svc), B, '/healthz', 10_000);
  await cluster.rollout.setCandidatePercent(at(svc), B.digest, 25);
}

async function driftOf(svc: string): Promise<string> {
  return ((await cluster.rollout.getState(svc, 'prod')).drift ?? []).join('\n');
}

interface Pods {
  readonly containers: readonly [KubeObject, ...KubeObject[]];
}

async function podsOf(path: string): Promise<Pods> {
  const found = (await cluster.get(path)) as unknown as { spec: { template: { spec: Pods } } };
  return found.spec.template.spec;
}

/** As `kubectl edit` does it: the whole list is sent back. */
async function editPods(path: string, change: (pods: Pods) => KubeObject): Promise<void> {
  const spec = change(await podsOf(path));
  await cluster.edit(path, { spec: { template: { spec } } });
}

const withApp = ({ containers: [app, ...others] }: Pods, more: KubeObject): KubeObject => ({
  containers: [{ ...app, ...more }, ...others],
});

describe('pods that somebody edited', () => {
  it.each<[string, string, (pods: Pods) => KubeObject]>([
    ['command', 'command', (pods) => withApp(pods, { command: ['sleep', '1000'] })],
    ['args', 'args', (pods) => withApp(pods, { args: ['--debug'] })],
    ['env', 'variable FLAG', (pods) => withApp(pods, { env: [{ name: 'FLAG', value: 'on' }] })],
    [
      'sidecar',
      'container shell',
      ({ containers }) => ({ containers: [...containers, { name: 'shell', image: 'busybox' }] }),
    ],
    ['init', 'init container fix', () => ({ initContainers: [{ name: 'fix', image: 'busybox' }] })],
  ])('are seen, refused more traffic and put right: %s', async (name, said, change) => {
    const svc = `pods-${name}`;
    await canary(svc);
    const before = await podsOf(deployment(svc, B));
    await editPods(deployment(svc, B), change);

    const message = expect.stringMatching(new RegExp(`kubectl-edit.*their own ${said}`)) as string;
    await expect(cluster.rollout.getState(svc, 'prod')).resolves.toMatchObject({
      drift: [message],
    });
    await expect(cluster.rollout.setCandidatePercent(at(svc), B.digest, 50)).rejects.toMatchObject({
      code: 'ROLLOUT_FAILED',
      message,
    });

    await cluster.rollout.makeStable(at(svc, 2), B, '/healthz', 10_000);

    expect(await podsOf(deployment(svc, B))).toEqual(before);
    expect(await driftOf(svc)).toBe('');
  });

  it('are none of ours when they were only started again, scaled or given other resources', async () => {
    await canary('harmless');
    await editPods(deployment('harmless', B), (pods) =>
      withApp(pods, { resources: { limits: { memory: '128Mi' } } }),
    );
    await cluster.edit(deployment('harmless', B), {
      spec: {
        replicas: 4,
        template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } },
      },
    });

    expect(await driftOf('harmless')).toBe('');
  });
});

describe('a stable version that somebody took away', () => {
  it('is told of when it was scaled to 0, and comes back by a rollback', async () => {
    await canary('scaled-away');
    const scale = `${deployment('scaled-away', A)}/scale`;
    await cluster.edit(scale, { spec: { replicas: 0 } });

    // By whom is not told: a Scale leaves out replicas of 0 (autoscaling/v1 types.go, omitempty), and with them their writer.
    expect(await driftOf('scaled-away')).toMatch(/scaled Deployment .* to 0/);

    await cluster.rollout.makeStable(at('scaled-away', 2), A, '/healthz', 10_000);
    expect(await driftOf('scaled-away')).toBe('');
  });

  it('is told of when it was deleted, and comes back by a rollback', async () => {
    await canary('deleted-away');
    await cluster.server.call({ method: 'DELETE', path: deployment('deleted-away', A) });

    expect(await driftOf('deleted-away')).toContain('deleted Deployment');

    await cluster.rollout.makeStable(at('deleted-away', 2), A, '/healthz', 10_000);
    expect(await driftOf('deleted-away')).toBe('');
  });
});

describe('a way to the pods that somebody changed', () => {
  const mirror = { type: 'RequestMirror', requestMirror: { backendRef: { name: 'x', port: 1 } } };

  it.each<[string, RegExp, (svc: string) => Promise<KubeObject>]>([
    [
      'hosts',
      /reached by else.example.com, not hosts.example.com/,
      () => Promise.resolve({ hostnames: ['else.example.com'] }),
    ],
    [
      'parents',
      /hangs on gateways\/internal, not gateways\/public/,
      () => Promise.resolve({ parentRefs: [{ name: 'internal', namespace: 'gateways' }] }),
    ],
    [
      'filters',
      /its own filters of filters-b/,
      async (svc) => {
        const { spec } = (await cluster.get(route(svc))) as unknown as RouteObject;
        const backendRefs = (spec.rules[0]?.backendRefs ?? []).map((ref, index) =>
          index === 1 ? { ...ref, filters: [mirror] } : ref,
        );
        return { rules: [{ ...spec.rules[0], backendRefs }] };
      },
    ],
  ])('is seen on the route: %s', async (svc, said, change) => {
    await canary(svc);
    await cluster.edit(route(svc), { spec: await change(svc) });

    expect(await driftOf(svc)).toMatch(said);
    await expect(cluster.rollout.setCandidatePercent(at(svc), B.digest, 50)).rejects.toThrow(said);

    await cluster.rollout.withdrawCandidate(at(svc));
    expect(await driftOf(svc)).toBe('');
  });

  it('is seen on the Service: another port', async () => {
    await canary('ported');
    const ports = [{ name: 'http', port: 80, targetPort: 9999, protocol: 'TCP' }];
    await cluster.edit(service('ported', B), { spec: { ports } });

    expect(await driftOf('ported')).toMatch(
      /kubectl-edit.* changed Service .*: it leads to another/,
    );
    await cluster.rollout.makeStable(at('ported', 2), B, '/healthz', 10_000);
    expect(await driftOf('ported')).toBe('');
  });

  it('is seen on the Service: deleted', async () => {
    await canary('unserved');
    await cluster.server.call({ method: 'DELETE', path: service('unserved', B) });

    expect(await driftOf('unserved')).toContain('deleted Service');
    await cluster.rollout.makeStable(at('unserved', 2), B, '/healthz', 10_000);
    expect(await driftOf('unserved')).toBe('');
  });
});

it('gives each backend a header of its version where a gateway needs that to count them apart', async () => {
  await canary('headed');
  const options = clusterOptions(cluster.server.admin, { versionHeader: 'x-plura-version' });
  const rollout = createKubernetesRollout(options);
  expect((await rollout.getState('headed', 'prod')).drift).toBeUndefined();

  await rollout.setCandidatePercent(at('headed'), B.digest, 50);

  const { spec } = (await cluster.get(route('headed'))) as unknown as RouteObject;
  expect(spec.rules[0]?.backendRefs.map(({ filters }) => filters)).toEqual(
    [A, B].map(({ digest }) => [
      {
        type: 'RequestHeaderModifier',
        requestHeaderModifier: {
          set: [{ name: 'x-plura-version', value: digest.slice(7, 19) }],
        },
      },
    ]),
  );
  expect((await rollout.getState('headed', 'prod')).drift).toBeUndefined();
  expect(await driftOf('headed')).toBe('');
});

describe('beside others in a namespace', () => {
  it('leaves routes of others alone, with their rules and backends', async () => {
    const path = within('apis/gateway.networking.k8s.io/v1', 'httproutes', '').replace(/\/$/, '');
    await cluster.server.call({
      method: 'POST',
      path,
      body: {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: { name: 'team', labels: { 'plura.reg/service': 'neighbour' } },
        spec: {
          hostnames: ['team.example.com'],
          rules: [
            {
              matches: [{ path: { type: 'Exact', value: '/a' } }],
              backendRefs: [{ name: 'a', port: 1 }],
            },
            { backendRefs: [{ name: 'b', port: 2, weight: 7 }] },
          ],
        },
      },
    });
    const before = (await cluster.get(route('team'))) as unknown as RouteObject;

    await canary('neighbour');
    await cluster.rollout.withdrawCandidate(at('neighbour'));
    await cluster.rollout.clearStable(at('neighbour'));

    const after = (await cluster.get(route('team'))) as unknown as RouteObject;
    expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it('keeps two services apart, the name of one beginning with that of the other', async () => {
    await canary('twin');
    await canary('twin-aaaaaaaaaaaa');
    const before = await split('twin-aaaaaaaaaaaa');

    await cluster.rollout.withdrawCandidate(at('twin'));
    await cluster.rollout.startCandidate(at('twin', 2), C, '/healthz', 10_000);

    expect(await split('twin-aaaaaaaaaaaa')).toEqual(before);
    await expect(cluster.rollout.getState('twin-aaaaaaaaaaaa', 'prod')).resolves.toMatchObject({
      stable: A.digest,
      candidate: B.digest,
      candidatePercent: 25,
    });
    expect(await driftOf('twin-aaaaaaaaaaaa')).toBe('');
  });

  it('runs a service whose name fills a label', async () => {
    const svc = 'x'.repeat(63);

    await canary(svc);

    expect(await split(svc)).toEqual([
      `${runName(svc, A.digest)}=75`,
      `${runName(svc, B.digest)}=25`,
    ]);
  });
});

describe('a start that does not end', () => {
  it('leaves nothing that a withdrawal does not clear, at whichever call the worker died', async () => {
    const numbers = Array.from({ length: 14 }, (_none, index) => index + 1);
    const ends = numbers.map(async (call) => {
      const svc = `begun-${call}`;
      await cluster.rollout.makeStable(at(svc), A, '/healthz', 10_000);
      const died = (): Promise<never> => Promise.reject(new Error('the worker died'));
      const access = interrupted(cluster.server.admin, call, died);
      const dying = createKubernetesRollout(clusterOptions(access));

      await dying.startCandidate(at(svc, 2), B, '/healthz', 10_000).catch(() => undefined);
      const { candidate } = await cluster.rollout.withdrawCandidate(at(svc, 2));

      const left = await cluster.get(deployment(svc, B)).catch(() => ({ spec: { replicas: 0 } }));
      return [candidate, await split(svc), (left as { spec: { replicas: number } }).spec.replicas];
    });

    expect(await Promise.all(ends)).toEqual(
      numbers.map((call) => [null, [`${runName(`begun-${call}`, A.digest)}=100`], 0]),
    );
  });

  it('is called off by its signal, and gets no place afterwards', async () => {
    await cluster.rollout.makeStable(at('aborted'), A, '/healthz', 10_000);
    cluster.kubelet.decide(C.digest, 'unready');
    const abort = new AbortController();

    const start = cluster.rollout.startCandidate(
      { ...at('aborted', 2), signal: abort.signal },
      C,
      '/healthz',
      50_000,
    );
    setTimeout(() => {
      abort.abort(new Error('called off'));
    }, 500);

    await expect(start).rejects.toThrow();
    cluster.kubelet.decide(C.digest, 'ready');
    await cluster.rollout.withdrawCandidate(at('aborted', 2));
    await expect(cluster.rollout.getState('aborted', 'prod')).resolves.toMatchObject({
      stable: A.digest,
      candidate: null,
    });
    expect(await split('aborted')).toEqual([`${runName('aborted', A.digest)}=100`]);
  });
});

it('asks for single objects, and lists what it lists by label and page', async () => {
  await canary('frugal');
  const before = (await cluster.server.audit()).length;

  await cluster.rollout.getState('frugal', 'prod');
  await cluster.rollout.makeStable(at('frugal', 2), B, '/healthz', 10_000);

  const lists = (await cluster.server.audit())
    .slice(before)
    .filter(({ verb, requestURI }) => verb === 'list' && requestURI.includes(NAMESPACES.prod))
    .map(({ requestURI }) => requestURI);
  expect(lists).not.toEqual([]);
  for (const uri of lists) {
    expect(uri).toMatch(/labelSelector=.*plura\.reg.*&limit=\d+/);
  }
});
