import type { Digest } from '../../../src/domain/digest';
import type { RolloutWrite } from '../../../src/ports/rollout';
import { NAMESPACES, testImage, type TestCluster } from './cluster';

export const [A, B, C] = [testImage('a'), testImage('b'), testImage('c')];

export const at = (svc: string, epoch = 1): RolloutWrite => ({ svc, env: 'prod', epoch });
export const runName = (svc: string, digest: Digest): string => `${svc}-${digest.slice(7, 19)}`;
export const deployment = (svc: string, digest: Digest): string =>
  `/apis/apps/v1/namespaces/${NAMESPACES.prod}/deployments/${runName(svc, digest)}`;
export const route = (svc: string): string =>
  `/apis/gateway.networking.k8s.io/v1/namespaces/${NAMESPACES.prod}/httproutes/${svc}`;

interface Backend {
  readonly name: string;
  readonly weight: number;
}

/** Weights of its route. */
export async function split(cluster: TestCluster, svc: string): Promise<readonly Backend[]> {
  const { spec } = (await cluster.get(route(svc))) as unknown as {
    spec: { rules: { backendRefs: Backend[] }[] };
  };
  return (spec.rules[0]?.backendRefs ?? []).map(({ name, weight }) => ({ name, weight }));
}

export async function replicas(cluster: TestCluster, svc: string, digest: Digest): Promise<number> {
  const { spec } = (await cluster.get(deployment(svc, digest))) as unknown as {
    spec: { replicas: number };
  };
  return spec.replicas;
}

/** A stable and a candidate at 25 %. */
export async function canary(cluster: TestCluster, svc: string): Promise<void> {
  await cluster.rollout.makeStable(at(svc), A, '/healthz', 10_000);
  await cluster.rollout.startCandidate(at(svc), B, '/healthz', 10_000);
  await cluster.rollout.setCandidatePercent(at(svc), B.digest, 25);
}
