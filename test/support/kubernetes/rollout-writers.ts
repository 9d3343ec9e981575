import { createKubernetesRollout } from '../../../src/adapters/kubernetes/kubernetes-rollout';
import type { Rollout } from '../../../src/ports/rollout';
import { clusterOptions, interrupted, type TestCluster } from './cluster';
import { A, at, B, C, canary, replicas, runName, split } from './rollout-cluster';

/** What writers do to each other in a cluster that other suites use too: services named `promoted-1`, `taken-1`, `twice`, … */
export function describeRolloutWriters(cluster: () => TestCluster): void {
  describe('a worker that dies at any of its calls', () => {
    const numbers = Array.from({ length: 12 }, (_none, index) => index + 1);
    const dying = (call: number): Rollout => {
      const died = (): Promise<never> => Promise.reject(new Error('the worker died'));
      const access = interrupted(cluster().server.admin, call, died);
      return createKubernetesRollout(clusterOptions(access));
    };

    it('leaves a promotion that the next attempt completes', async () => {
      const states = numbers.map(async (call) => {
        const svc = `promoted-${call}`;
        await canary(cluster(), svc);

        await dying(call)
          .makeStable(at(svc), B, '/healthz', 10_000)
          .catch(() => undefined);
        await cluster().rollout.makeStable(at(svc), B, '/healthz', 10_000);

        return [
          await split(cluster(), svc),
          await replicas(cluster(), svc, A.digest),
          await replicas(cluster(), svc, B.digest),
        ];
      });

      await expect(Promise.all(states)).resolves.toEqual(
        numbers.map((call) => [
          [{ name: runName(`promoted-${call}`, B.digest), weight: 100 }],
          2,
          2,
        ]),
      );
    });

    it('leaves a withdrawal that the next attempt completes', async () => {
      const states = numbers.map(async (call) => {
        const svc = `taken-${call}`;
        await canary(cluster(), svc);

        await dying(call)
          .withdrawCandidate(at(svc))
          .catch(() => undefined);
        await cluster().rollout.withdrawCandidate(at(svc));

        return [
          await split(cluster(), svc),
          await replicas(cluster(), svc, A.digest),
          await replicas(cluster(), svc, B.digest),
        ];
      });

      await expect(Promise.all(states)).resolves.toEqual(
        numbers.map((call) => [[{ name: runName(`taken-${call}`, A.digest), weight: 100 }], 2, 0]),
      );
    });
  });

  it('answers two attempts of the same write alike', async () => {
    await cluster().rollout.makeStable(at('twice'), A, '/healthz', 10_000);

    const [first, second] = await Promise.all(
      [1, 2].map(() => cluster().rollout.startCandidate(at('twice'), B, '/healthz', 10_000)),
    );

    expect(first).toEqual(second);
    expect(first).toMatchObject({ stable: A.digest, candidate: B.digest, candidatePercent: 0 });
  });

  it('loses to a newer writer that came between its look and its write', async () => {
    await canary(cluster(), 'wedged');
    const access = interrupted(cluster().server.admin, 2, () =>
      cluster().rollout.makeStable(at('wedged', 2), B, '/healthz', 10_000),
    );
    const slow = createKubernetesRollout(clusterOptions(access));

    await expect(slow.withdrawCandidate(at('wedged', 1))).rejects.toMatchObject({ code: 'FENCED' });

    await expect(cluster().rollout.getState('wedged', 'prod')).resolves.toMatchObject({
      epoch: 2,
      stable: B.digest,
    });
    await expect(split(cluster(), 'wedged')).resolves.toEqual([
      { name: runName('wedged', B.digest), weight: 100 },
    ]);
  });

  it('lets the newest of many writers win', async () => {
    await cluster().rollout.makeStable(at('race'), A, '/healthz', 10_000);

    const results = await Promise.allSettled(
      [4, 2, 6, 3, 5].map((epoch) =>
        cluster().rollout.makeStable(at('race', epoch), epoch === 6 ? C : B, '/healthz', 10_000),
      ),
    );

    expect(results[2]?.status).toBe('fulfilled');
    for (const result of results) {
      if (result.status === 'rejected') {
        expect(result.reason).toMatchObject({ code: 'FENCED' });
      }
    }
    await expect(cluster().rollout.getState('race', 'prod')).resolves.toMatchObject({
      epoch: 6,
      stable: C.digest,
    });
  });
}
