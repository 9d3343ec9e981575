import { createKubernetesRollout } from '../../src/adapters/kubernetes/kubernetes-rollout';
import { describeRolloutContract } from '../support/contracts/rollout';
import {
  clusterOptions,
  NAMESPACES,
  startTestCluster,
  testImage,
  type TestCluster,
} from '../support/kubernetes/cluster';
import type { Fate } from '../support/kubernetes/fake-kubelet';
import {
  A,
  at,
  B,
  C,
  canary,
  deployment,
  replicas,
  route,
  runName,
  split,
} from '../support/kubernetes/rollout-cluster';
import { describeRolloutWriters } from '../support/kubernetes/rollout-writers';

jest.setTimeout(60_000);

let cluster: TestCluster;
const BROKEN = testImage('f');

beforeAll(async () => {
  cluster = await startTestCluster();
  cluster.kubelet.decide(BROKEN.digest, 'unready');
});

afterAll(async () => {
  await cluster.stop();
});

afterEach(() => {
  cluster.kubelet.decideRoutes('accept');
  [A, B, C].forEach(({ digest }) => {
    cluster.kubelet.decide(digest, 'ready');
  });
});

describeRolloutContract('Kubernetes', () => ({
  rollout: cluster.rollout,
  images: [A, B, C],
  broken: BROKEN,
  healthPath: '/healthz',
  keepsWarm: true,
}));

describe('a service in a cluster', () => {
  it('runs by digest, closed as the local target, and is split by the weights of its route', async () => {
    await canary(cluster, 'shape');

    const found = await cluster.get(deployment('shape', B.digest));

    expect(found).toMatchObject({
      metadata: {
        labels: {
          'app.kubernetes.io/managed-by': 'plura-reg',
          'plura.reg/service': 'shape',
          'plura.reg/track': 'candidate',
          'plura.reg/digest': 'b'.repeat(32),
        },
      },
      spec: {
        replicas: 2,
        template: {
          metadata: { annotations: { 'plura.reg/digest': B.digest } },
          spec: {
            automountServiceAccountToken: false,
            containers: [
              {
                image: `registry.example.com/apps/shop/web@${B.digest}`,
                env: [{ name: 'PORT', value: '8080' }],
                readinessProbe: { httpGet: { path: '/healthz', port: 'http' } },
                securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
              },
            ],
          },
        },
      },
    });
    await expect(split(cluster, 'shape')).resolves.toEqual([
      { name: runName('shape', A.digest), weight: 75 },
      { name: runName('shape', B.digest), weight: 25 },
    ]);
    await expect(cluster.rollout.getState('shape', 'prod')).resolves.toMatchObject({
      url: 'https://shape.example.com',
    });
    await expect(cluster.rollout.trackUrl('shape', 'prod', 'candidate')).resolves.toBe(
      `http://${runName('shape', B.digest)}.shop-prod.svc:80`,
    );
  });

  it('keeps the former stable running for the way back, and no more than that', async () => {
    for (const [index, image] of [A, B, C].entries()) {
      await cluster.rollout.makeStable(at('warm', index + 1), image, '/healthz', 10_000);
    }

    const sizes = await Promise.all(
      [A, B, C].map(({ digest }) => replicas(cluster, 'warm', digest)),
    );

    expect(sizes).toEqual([0, 2, 2]);
    await expect(split(cluster, 'warm')).resolves.toEqual([
      { name: runName('warm', C.digest), weight: 100 },
    ]);
  });

  it('stops what it goes back from once traffic has left it', async () => {
    await cluster.rollout.makeStable(at('back', 1), A, '/healthz', 10_000);
    await cluster.rollout.makeStable(at('back', 2), B, '/healthz', 10_000);

    await cluster.rollout.makeStable({ ...at('back', 3), former: 'stop' }, A, '/healthz', 10_000);

    const sizes = [A, B].map(({ digest }) => replicas(cluster, 'back', digest));
    expect(await Promise.all(sizes)).toEqual([2, 0]);
    await expect(split(cluster, 'back')).resolves.toEqual([
      { name: runName('back', A.digest), weight: 100 },
    ]);
  });

  it('gives a withdrawn candidate no traffic before it stops it', async () => {
    await canary(cluster, 'withdrawn');

    await cluster.rollout.withdrawCandidate(at('withdrawn'));

    const trail = (await cluster.server.audit()).filter(
      ({ verb, objectRef }) => verb === 'patch' && objectRef?.subresource === undefined,
    );
    const last = trail.slice(-2).map(({ objectRef }) => objectRef?.resource);
    expect(last).toEqual(['httproutes', 'deployments']);
    await expect(replicas(cluster, 'withdrawn', B.digest)).resolves.toBe(0);
    await expect(split(cluster, 'withdrawn')).resolves.toEqual([
      { name: runName('withdrawn', A.digest), weight: 100 },
    ]);
  });

  it('clears away what was stopped when the next one starts', async () => {
    await canary(cluster, 'cleared');
    await cluster.rollout.withdrawCandidate(at('cleared'));

    await cluster.rollout.startCandidate(at('cleared', 2), C, '/healthz', 10_000);

    await expect(cluster.get(deployment('cleared', B.digest))).rejects.toThrow('404');
  });

  it('leaves the size that an autoscaler chose', async () => {
    await canary(cluster, 'scaled');
    await cluster.edit(deployment('scaled', B.digest), { spec: { replicas: 5 } });

    await cluster.rollout.makeStable(at('scaled', 2), B, '/healthz', 10_000);

    await expect(replicas(cluster, 'scaled', B.digest)).resolves.toBe(5);
  });
});

describe('a version that does not run', () => {
  it.each<[Fate, RegExp]>([
    ['unready', /not ready.*statuscode: 503.*last lines: .*panic: no route to host/],
    ['crash', /ended with code 2 \(Error\), 3 restarts; last lines: .*panic: no route to host/],
    ['evicted', /evicted: The node was low on resource: memory/],
    ['unpullable', /image can't be pulled: ImagePullBackOff: manifest unknown/],
    ['unschedulable', /no node takes it: Unschedulable: 0\/3 nodes/],
    ['over-quota', /FailedCreate: exceeded quota: pods/],
  ])('is refused as a candidate with the cause when it is %s', async (fate, cause) => {
    const svc = `start-${fate}`;
    cluster.kubelet.decide(C.digest, fate);
    await cluster.rollout.makeStable(at(svc), A, '/healthz', 10_000);

    const start = cluster.rollout.startCandidate(at(svc), C, '/healthz', 1_500);

    await expect(start).rejects.toMatchObject({
      code: 'ROLLOUT_FAILED',
      message: expect.stringMatching(cause) as string,
    });
    await expect(replicas(cluster, svc, C.digest)).resolves.toBe(0);
    await expect(split(cluster, svc)).resolves.toEqual([
      { name: runName(svc, A.digest), weight: 100 },
    ]);
  });

  it.each<[Fate, RegExp]>([
    ['crash', /3 restarts/],
    ['evicted', /evicted/],
    ['unready', /not ready/],
  ])('gets no more traffic and is told of once it is %s', async (fate, cause) => {
    const svc = `later-${fate}`;
    await canary(cluster, svc);
    cluster.kubelet.decide(B.digest, fate);
    await until(async () => (await cluster.rollout.getState(svc, 'prod')).trouble !== undefined);

    const raise = cluster.rollout.setCandidatePercent(at(svc), B.digest, 100);

    const message = expect.stringMatching(cause) as string;
    await expect(raise).rejects.toMatchObject({ code: 'ROLLOUT_FAILED', message });
    await expect(cluster.rollout.getState(svc, 'prod')).resolves.toMatchObject({
      candidatePercent: 25,
      trouble: message,
    });
    await expect(cluster.rollout.withdrawCandidate(at(svc))).resolves.toMatchObject({
      stable: A.digest,
      candidate: null,
    });
  });

  it('is told of when somebody deleted it', async () => {
    await canary(cluster, 'deleted');
    await cluster.server.call({ method: 'DELETE', path: deployment('deleted', B.digest) });

    await expect(cluster.rollout.getState('deleted', 'prod')).resolves.toMatchObject({
      trouble: expect.stringContaining('deleted its Deployment') as string,
    });
  });
});

describe('what somebody else changed', () => {
  const moved = (svc: string) => ({
    spec: {
      rules: [{ backendRefs: [{ name: runName(svc, A.digest), port: 80, weight: 1 }] }],
    },
  });

  it('is said about the split, and stops more traffic', async () => {
    await canary(cluster, 'moved');
    await cluster.edit(route('moved'), moved('moved'));
    const drift = expect.stringMatching(/kubectl-edit at .* changed HTTPRoute moved/) as string;

    await expect(cluster.rollout.getState('moved', 'prod')).resolves.toMatchObject({
      drift: [drift],
    });
    await expect(
      cluster.rollout.setCandidatePercent(at('moved'), B.digest, 50),
    ).rejects.toMatchObject({ code: 'ROLLOUT_FAILED', message: drift });
    await expect(split(cluster, 'moved')).resolves.toHaveLength(1);
  });

  it('is said about what was added to the route', async () => {
    await canary(cluster, 'added');
    const backendRefs = [A, B].map(({ digest }, index) => ({
      name: runName('added', digest),
      port: 80,
      weight: index === 0 ? 75 : 25,
    }));
    await cluster.edit(route('added'), {
      spec: { rules: [{ backendRefs, timeouts: { request: '1s' } }] },
    });

    await expect(cluster.rollout.getState('added', 'prod')).resolves.toMatchObject({
      drift: [expect.stringContaining('with its own timeouts')],
    });
  });

  it('is put right by a way back, which says so', async () => {
    const notices: string[] = [];
    const options = clusterOptions(cluster.server.admin, {
      onNotice: (notice) => notices.push(notice),
    });
    await canary(cluster, 'restored');
    await cluster.edit(route('restored'), moved('restored'));

    const state = await createKubernetesRollout(options).makeStable(
      at('restored', 2),
      A,
      '/healthz',
      10_000,
    );

    expect(state.drift).toHaveLength(1);
    expect(notices).toEqual([expect.stringMatching(/put right: kubectl-edit/)]);
    await expect(cluster.rollout.getState('restored', 'prod')).resolves.not.toHaveProperty('drift');
  });

  it('is said about an image, which then gets no more traffic', async () => {
    const image = `registry.example.com/apps/shop/web@${C.digest}`;
    const containers = [{ name: 'app', image }];
    await canary(cluster, 'swapped');
    await cluster.edit(deployment('swapped', B.digest), {
      spec: { template: { spec: { containers } } },
    });

    await expect(
      cluster.rollout.setCandidatePercent(at('swapped'), B.digest, 50),
    ).rejects.toMatchObject({ message: expect.stringMatching(/kubectl-edit.*it runs/) as string });
    await expect(cluster.rollout.getState('swapped', 'prod')).resolves.toMatchObject({
      drift: [expect.stringContaining(C.digest)],
    });
    await cluster.rollout.makeStable(at('swapped', 2), B, '/healthz', 10_000);
    await expect(cluster.rollout.getState('swapped', 'prod')).resolves.not.toHaveProperty('drift');
  });

  it('is never an object that is not ours', async () => {
    await cluster.server.call({
      method: 'POST',
      path: `/apis/gateway.networking.k8s.io/v1/namespaces/${NAMESPACES.prod}/httproutes`,
      body: {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: { name: 'foreign' },
        spec: { hostnames: ['foreign.example.com'] },
      },
    });
    const before = await cluster.get(route('foreign'));

    await expect(
      cluster.rollout.makeStable(at('foreign'), A, '/healthz', 5_000),
    ).rejects.toMatchObject({
      code: 'ROLLOUT_FAILED',
      message: expect.stringContaining('is not ours') as string,
    });
    await expect(cluster.get(route('foreign'))).resolves.toEqual(before);
  });
});

describe('the gateway', () => {
  it('has to take the route over before more traffic counts as given', async () => {
    await canary(cluster, 'slow');
    cluster.kubelet.decideRoutes('ignore');
    const options = clusterOptions(cluster.server.admin, { gatewayTimeoutMs: 300 });
    const rollout = createKubernetesRollout(options);

    await expect(rollout.setCandidatePercent(at('slow'), B.digest, 50)).rejects.toMatchObject({
      code: 'ROLLOUT_UNAVAILABLE',
    });
    await expect(rollout.withdrawCandidate(at('slow'))).rejects.toMatchObject({
      code: 'ROLLOUT_UNAVAILABLE',
    });
    await expect(replicas(cluster, 'slow', B.digest)).resolves.toBe(2);
  });

  it('that refuses the route fails the candidate with its reason', async () => {
    await canary(cluster, 'refused');
    cluster.kubelet.decideRoutes('refuse');

    await expect(
      cluster.rollout.setCandidatePercent(at('refused'), B.digest, 50),
    ).rejects.toMatchObject({
      code: 'ROLLOUT_FAILED',
      message: expect.stringContaining('NoMatchingListenerHostname') as string,
    });
  });

  it('that refuses the route does not keep a candidate from being withdrawn, and it is said', async () => {
    const notices: string[] = [];
    const options = clusterOptions(cluster.server.admin, {
      onNotice: (notice) => notices.push(notice),
    });
    await canary(cluster, 'refused-back');
    cluster.kubelet.decideRoutes('refuse');

    await createKubernetesRollout(options).withdrawCandidate(at('refused-back'));

    expect(notices).toEqual([expect.stringContaining('NoMatchingListenerHostname')]);
    await expect(replicas(cluster, 'refused-back', B.digest)).resolves.toBe(0);
  });
});

describeRolloutWriters(() => cluster);

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await condition()) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the condition never came true');
}
