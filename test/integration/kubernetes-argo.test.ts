import { createArgoRollout } from '../../src/adapters/kubernetes/argo-rollout';
import type { Rollout } from '../../src/ports/rollout';
import { describeRolloutContract } from '../support/contracts/rollout';
import {
  interrupted,
  startTestCluster,
  testImage,
  type TestCluster,
} from '../support/kubernetes/cluster';
import {
  argoOptions,
  argoPath,
  createTestRollout,
  startFakeArgo,
  type FakeArgo,
} from '../support/kubernetes/fake-argo';

jest.setTimeout(60_000);

/** More than the contract has tests: each has a service of its own. */
const CONTRACT_SERVICES = 30;
const [A, B, C] = [testImage('a'), testImage('b'), testImage('c')];
const BROKEN = testImage('f');

let cluster: TestCluster;
let argo: FakeArgo;
let rollout: Rollout;

beforeAll(async () => {
  cluster = await startTestCluster();
  argo = startFakeArgo(cluster.server);
  argo.decide(BROKEN.digest, 'unready');
  rollout = createArgoRollout(argoOptions(cluster.server.admin));
  for (let number = 1; number <= CONTRACT_SERVICES; number += 1) {
    await createTestRollout(cluster.server, 'stg', `contract-${number}`);
  }
});

afterAll(async () => {
  await argo.stop();
  await cluster.stop();
});

const at = (svc: string, epoch = 1) => ({ svc, env: 'prod' as const, epoch });

/** A Rollout with a stable and a candidate at 25 %. */
async function canary(svc: string): Promise<void> {
  await createTestRollout(cluster.server, 'prod', svc);
  await rollout.makeStable(at(svc), A, '/healthz', 10_000);
  await rollout.startCandidate(at(svc), B, '/healthz', 10_000);
  await rollout.setCandidatePercent(at(svc), B.digest, 25);
}

describeRolloutContract('Argo Rollouts', () => ({
  rollout,
  images: [A, B, C],
  broken: BROKEN,
  healthPath: '/healthz',
  keepsWarm: false,
}));

describe('a Rollout', () => {
  it('gets its image by digest and its steps by share; all else is its team’s', async () => {
    await canary('shape');

    const found = await cluster.get(argoPath('prod', 'shape'));

    expect(found).toMatchObject({
      spec: {
        replicas: 3,
        template: {
          spec: {
            containers: [
              {
                image: `registry.example.com/apps/shop/web@${B.digest}`,
                env: [{ name: 'COLOUR', value: 'blue' }],
              },
              { name: 'sidecar', image: 'registry.example.com/sidecar:1' },
            ],
          },
        },
        strategy: {
          canary: {
            stableService: 'shape-stable',
            steps: [{ setCanaryScale: { weight: 25 } }, { setWeight: 25 }, { pause: {} }],
          },
        },
      },
    });
    await expect(rollout.trackUrl('shape', 'prod', 'candidate')).resolves.toBe(
      'http://shape-canary.shop-prod.svc:80',
    );
  });

  it('that Argo calls degraded fails the candidate with Argo’s reason, and goes back', async () => {
    await canary('degraded');
    argo.decide(C.digest, 'degraded');

    const start = rollout.startCandidate(at('degraded', 2), C, '/healthz', 5_000);

    await expect(start).rejects.toMatchObject({
      code: 'ROLLOUT_FAILED',
      message: expect.stringContaining('ProgressDeadlineExceeded') as string,
    });
    argo.decide(C.digest, 'ready');
    await expect(rollout.getState('degraded', 'prod')).resolves.toMatchObject({
      stable: A.digest,
      candidate: B.digest,
    });
  });

  it('that somebody aborted in Argo gets no more traffic, and can be withdrawn', async () => {
    await canary('aborted');
    const message = 'RolloutAborted: Rollout aborted update to revision 2';
    await cluster.edit(`${argoPath('prod', 'aborted')}/status`, {
      status: { abort: true, phase: 'Degraded', message, canary: null },
    });

    await expect(rollout.getState('aborted', 'prod')).resolves.toMatchObject({ trouble: message });
    await expect(rollout.setCandidatePercent(at('aborted'), B.digest, 50)).rejects.toMatchObject({
      code: 'ROLLOUT_FAILED',
      message,
    });
    await expect(rollout.withdrawCandidate(at('aborted'))).resolves.toMatchObject({
      stable: A.digest,
      candidate: null,
    });
    await expect(rollout.getState('aborted', 'prod')).resolves.not.toHaveProperty('trouble');
  });

  it('whose image somebody else set is said, and no candidate is started over it', async () => {
    await canary('drifted');
    const path = argoPath('prod', 'drifted');
    await cluster.edit(path, {
      spec: { template: { spec: { containers: [{ name: 'app', image: 'theirs:1' }] } } },
    });
    const drift = expect.stringMatching(/kubectl-edit.*runs theirs:1/) as string;

    await expect(rollout.getState('drifted', 'prod')).resolves.toMatchObject({ drift: [drift] });
    await expect(
      rollout.startCandidate(at('drifted', 2), C, '/healthz', 5_000),
    ).rejects.toMatchObject({ code: 'ROLLOUT_FAILED', message: drift });
    await expect(rollout.makeStable(at('drifted', 2), A, '/healthz', 5_000)).resolves.toMatchObject(
      { stable: A.digest, drift: [drift] },
    );
  });

  it.each([
    ['without our label', {}, /not handed over/],
    ['of another service', { labels: { 'plura.reg/service': 'other' } }, /not handed over/],
  ])('%s is not touched', async (name, metadata, message) => {
    const svc = name.replaceAll(' ', '-');
    await createTestRollout(cluster.server, 'prod', svc, metadata);

    await expect(rollout.makeStable(at(svc), A, '/healthz', 5_000)).rejects.toMatchObject({
      code: 'ROLLOUT_FAILED',
      message: expect.stringMatching(message) as string,
    });
  });

  it('belongs to a newer writer that came between a look and a write', async () => {
    await canary('wedged');
    const access = interrupted(cluster.server.admin, 2, () =>
      rollout.makeStable(at('wedged', 2), B, '/healthz', 10_000),
    );
    const slow = createArgoRollout(argoOptions(access));

    await expect(slow.withdrawCandidate(at('wedged', 1))).rejects.toMatchObject({ code: 'FENCED' });

    await expect(rollout.getState('wedged', 'prod')).resolves.toMatchObject({
      epoch: 2,
      stable: B.digest,
    });
  });

  it('that is not there fails the start with what to make', async () => {
    await expect(rollout.makeStable(at('missing'), A, '/healthz', 5_000)).rejects.toMatchObject({
      code: 'ROLLOUT_FAILED',
      message: expect.stringContaining('no Rollout missing in shop-prod') as string,
    });
  });

  it('scaled to 0 with nothing left gets its size back', async () => {
    await createTestRollout(cluster.server, 'prod', 'emptied');
    await rollout.makeStable(at('emptied'), A, '/healthz', 10_000);
    await rollout.clearStable(at('emptied'));
    const emptied = await cluster.get(argoPath('prod', 'emptied'));

    await rollout.makeStable(at('emptied', 2), B, '/healthz', 10_000);

    expect(emptied).toMatchObject({ spec: { replicas: 0 } });
    await expect(cluster.get(argoPath('prod', 'emptied'))).resolves.toMatchObject({
      spec: { replicas: 3 },
    });
  });
});
