import { createKubernetesRollout } from '../../src/adapters/kubernetes/kubernetes-rollout';
import type { Digest } from '../../src/domain/digest';
import type { Rollout } from '../../src/ports/rollout';
import { describeRolloutContract } from '../support/contracts/rollout';
import {
  clusterOptions,
  interrupted,
  NAMESPACES,
  startTestCluster,
  testImage,
  type TestCluster,
} from '../support/kubernetes/cluster';
import type { Fate } from '../support/kubernetes/fake-kubelet';

jest.setTimeout(60_000);

let cluster: TestCluster;
const [A, B, C] = [testImage('a'), testImage('b'), testImage('c')];
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

const at = (svc: string, epoch = 1) => ({ svc, env: 'prod' as const, epoch });
const runName = (svc: string, digest: Digest): string => `${svc}-${digest.slice(7, 19)}`;
const deployment = (svc: string, digest: Digest): string =>
  `/apis/apps/v1/namespaces/${NAMESPACES.prod}/deployments/${runName(svc, digest)}`;
const route = (svc: string): string =>
  `/apis/gateway.networking.k8s.io/v1/namespaces/${NAMESPACES.prod}/httproutes/${svc}`;

async function split(svc: string): Promise<readonly { name: string; weight: number }[]> {
  const { spec } = (await cluster.get(route(svc))) as unknown as {
    spec: { rules: { backendRefs: { name: string; weight: number }[] }[] };
  };
  return (spec.rules[0]?.backendRefs ?? []).map(({ name, weight }) => ({ name, weight }));
}

async function replicas(svc: string, digest: Digest): Promise<number> {
  const { spec } = (await cluster.get(deployment(svc, digest))) as unknown as {
    spec: { replicas: number };
  };
  return spec.replicas;
}

/** A stable and a candidate at 25 %. */
async function canary(svc: string): Promise<void> {
  await cluster.rollout.makeStable(at(svc), A, '/healthz', 10_000);
  await cluster.rollout.startCandidate(at(svc), B, '/healthz', 10_000);
  await cluster.rollout.setCandidatePercent(at(svc), B.digest, 25);
}

describeRolloutContract('Kubernetes', () => ({
  rollout: cluster.rollout,
  images: [A, B, C],
  broken: BROKEN,
  healthPath: '/healthz',
}));

describe('a service in a cluster', () => {
  it('runs by digest, closed as the local target, and is split by the weights of its route', async () => {
    await canary('shape');

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
    await expect(split('shape')).resolves.toEqual([
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

    const sizes = await Promise.all([A, B, C].map(({ digest }) => replicas('warm', digest)));

    expect(sizes).toEqual([0, 2, 2]);
    await expect(split('warm')).resolves.toEqual([
      { name: runName('warm', C.digest), weight: 100 },
    ]);
  });

  it('gives a withdrawn candidate no traffic before it stops it', async () => {
    await canary('withdrawn');

    await cluster.rollout.withdrawCandidate(at('withdrawn'));

    const trail = (await cluster.server.audit()).filter(
      ({ verb, objectRef }) => verb === 'patch' && objectRef?.subresource === undefined,
    );
    const last = trail.slice(-2).map(({ objectRef }) => objectRef?.resource);
    expect(last).toEqual(['httproutes', 'deployments']);
    await expect(replicas('withdrawn', B.digest)).resolves.toBe(0);
    await expect(split('withdrawn')).resolves.toEqual([
      { name: runName('withdrawn', A.digest), weight: 100 },
    ]);
  });

  it('clears away what was stopped when the next one starts', async () => {
    await canary('cleared');
    await cluster.rollout.withdrawCandidate(at('cleared'));

    await cluster.rollout.startCandidate(at('cleared', 2), C, '/healthz', 10_000);

    await expect(cluster.get(deployment('cleared', B.digest))).rejects.toThrow('404');
  });

  it('leaves the size that an autoscaler chose', async () => {
    await canary('scaled');
    await cluster.edit(deployment('scaled', B.digest), { spec: { replicas: 5 } });

    await cluster.rollout.makeStable(at('scaled', 2), B, '/healthz', 10_000);

    await expect(replicas('scaled', B.digest)).resolves.toBe(5);
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
    await expect(replicas(svc, C.digest)).resolves.toBe(0);
    await expect(split(svc)).resolves.toEqual([{ name: runName(svc, A.digest), weight: 100 }]);
  });

  it.each<[Fate, RegExp]>([
    ['crash', /3 restarts/],
    ['evicted', /evicted/],
    ['unready', /not ready/],
  ])('gets no more traffic and is told of once it is %s', async (fate, cause) => {
    const svc = `later-${fate}`;
    await canary(svc);
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
    await canary('deleted');
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
    await canary('moved');
    await cluster.edit(route('moved'), moved('moved'));
    const drift = expect.stringMatching(/kubectl-edit at .* changed HTTPRoute moved/) as string;

    await expect(cluster.rollout.getState('moved', 'prod')).resolves.toMatchObject({
      drift: [drift],
    });
    await expect(
      cluster.rollout.setCandidatePercent(at('moved'), B.digest, 50),
    ).rejects.toMatchObject({ code: 'ROLLOUT_FAILED', message: drift });
    await expect(split('moved')).resolves.toHaveLength(1);
  });

  it('is said about what was added to the route', async () => {
    await canary('added');
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
    await canary('restored');
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
    await canary('swapped');
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
    await canary('slow');
    cluster.kubelet.decideRoutes('ignore');
    const options = clusterOptions(cluster.server.admin, { gatewayTimeoutMs: 300 });
    const rollout = createKubernetesRollout(options);

    await expect(rollout.setCandidatePercent(at('slow'), B.digest, 50)).rejects.toMatchObject({
      code: 'ROLLOUT_UNAVAILABLE',
    });
    await expect(rollout.withdrawCandidate(at('slow'))).rejects.toMatchObject({
      code: 'ROLLOUT_UNAVAILABLE',
    });
    await expect(replicas('slow', B.digest)).resolves.toBe(2);
  });

  it('that refuses the route fails the candidate with its reason', async () => {
    await canary('refused');
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
    await canary('refused-back');
    cluster.kubelet.decideRoutes('refuse');

    await createKubernetesRollout(options).withdrawCandidate(at('refused-back'));

    expect(notices).toEqual([expect.stringContaining('NoMatchingListenerHostname')]);
    await expect(replicas('refused-back', B.digest)).resolves.toBe(0);
  });
});

describe('a worker that dies at any of its calls', () => {
  const numbers = Array.from({ length: 12 }, (_none, index) => index + 1);
  const dying = (call: number): Rollout => {
    const died = (): Promise<never> => Promise.reject(new Error('the worker died'));
    const access = interrupted(cluster.server.admin, call, died);
    return createKubernetesRollout(clusterOptions(access));
  };

  it('leaves a promotion that the next attempt completes', async () => {
    const states = numbers.map(async (call) => {
      const svc = `promoted-${call}`;
      await canary(svc);

      await dying(call)
        .makeStable(at(svc), B, '/healthz', 10_000)
        .catch(() => undefined);
      await cluster.rollout.makeStable(at(svc), B, '/healthz', 10_000);

      return [await split(svc), await replicas(svc, A.digest), await replicas(svc, B.digest)];
    });

    await expect(Promise.all(states)).resolves.toEqual(
      numbers.map((call) => [[{ name: runName(`promoted-${call}`, B.digest), weight: 100 }], 2, 2]),
    );
  });

  it('leaves a withdrawal that the next attempt completes', async () => {
    const states = numbers.map(async (call) => {
      const svc = `taken-${call}`;
      await canary(svc);

      await dying(call)
        .withdrawCandidate(at(svc))
        .catch(() => undefined);
      await cluster.rollout.withdrawCandidate(at(svc));

      return [await split(svc), await replicas(svc, A.digest), await replicas(svc, B.digest)];
    });

    await expect(Promise.all(states)).resolves.toEqual(
      numbers.map((call) => [[{ name: runName(`taken-${call}`, A.digest), weight: 100 }], 2, 0]),
    );
  });
});

it('answers two attempts of the same write alike', async () => {
  await cluster.rollout.makeStable(at('twice'), A, '/healthz', 10_000);

  const [first, second] = await Promise.all(
    [1, 2].map(() => cluster.rollout.startCandidate(at('twice'), B, '/healthz', 10_000)),
  );

  expect(first).toEqual(second);
  expect(first).toMatchObject({ stable: A.digest, candidate: B.digest, candidatePercent: 0 });
});

it('loses to a newer writer that came between its look and its write', async () => {
  await canary('wedged');
  const access = interrupted(cluster.server.admin, 2, () =>
    cluster.rollout.makeStable(at('wedged', 2), B, '/healthz', 10_000),
  );
  const slow = createKubernetesRollout(clusterOptions(access));

  await expect(slow.withdrawCandidate(at('wedged', 1))).rejects.toMatchObject({ code: 'FENCED' });

  await expect(cluster.rollout.getState('wedged', 'prod')).resolves.toMatchObject({
    epoch: 2,
    stable: B.digest,
  });
  await expect(split('wedged')).resolves.toEqual([
    { name: runName('wedged', B.digest), weight: 100 },
  ]);
});

it('lets the newest of many writers win', async () => {
  await cluster.rollout.makeStable(at('race'), A, '/healthz', 10_000);

  const results = await Promise.allSettled(
    [4, 2, 6, 3, 5].map((epoch) =>
      cluster.rollout.makeStable(at('race', epoch), epoch === 6 ? C : B, '/healthz', 10_000),
    ),
  );

  expect(results[2]?.status).toBe('fulfilled');
  for (const result of results) {
    if (result.status === 'rejected') {
      expect(result.reason).toMatchObject({ code: 'FENCED' });
    }
  }
  await expect(cluster.rollout.getState('race', 'prod')).resolves.toMatchObject({
    epoch: 6,
    stable: C.digest,
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await condition()) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the condition never came true');
}
