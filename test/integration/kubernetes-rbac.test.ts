import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { createArgoRollout } from '../../src/adapters/kubernetes/argo-rollout';
import { createKubernetesRollout } from '../../src/adapters/kubernetes/kubernetes-rollout';
import type { Rollout } from '../../src/ports/rollout';
import { argoOptions, createTestRollout, startFakeArgo } from '../support/kubernetes/fake-argo';
import {
  clusterOptions,
  DEPLOY,
  NAMESPACES,
  startTestCluster,
  testImage,
  type TestCluster,
} from '../support/kubernetes/cluster';

jest.setTimeout(60_000);

const ROOT = join(__dirname, '..', '..');
const HOOK = join(ROOT, 'test', 'support', 'typescript-hook.cjs');
const ADAPTER = join(ROOT, 'src', 'adapters', 'kubernetes');
const READ_STATE = `
  const { loadClusterAccess } = require(process.argv[1] + '/cluster-access.ts');
  const { sendToCluster } = require(process.argv[1] + '/kube-http.ts');
  const path = '/apis/apps/v1/namespaces/shop-prod/deployments/none';
  loadClusterAccess(process.argv[2])
    .then((access) => sendToCluster(access, 10000, { method: 'GET', path }))
    .then((answer) => console.log(JSON.stringify(answer)));
`;
const WORKER = 'system:serviceaccount:plura-reg:plura-reg-worker';
const [A, B, C] = [testImage('a'), testImage('b'), testImage('c')];
const at = (epoch: number) => ({ svc: 'shop', env: 'prod' as const, epoch });

let cluster: TestCluster;
let token: string;

beforeAll(async () => {
  cluster = await startTestCluster();
  await cluster.server.create(join(DEPLOY, 'rbac.yaml'), NAMESPACES.prod);
  await cluster.server.create(join(DEPLOY, 'rbac-argo.yaml'), NAMESPACES.stg);
  token = await workerToken();
});

afterAll(async () => {
  await cluster.stop();
});

/** A token as a pod of the worker has it. */
async function workerToken(): Promise<string> {
  const accounts = '/api/v1/namespaces/plura-reg/serviceaccounts';
  await cluster.server.call({
    method: 'POST',
    path: accounts,
    body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'plura-reg-worker' } },
  });
  const { status } = (await cluster.server.call({
    method: 'POST',
    path: `${accounts}/plura-reg-worker/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  })) as { status: { token: string } };
  return status.token;
}

function kubeConfig(): string {
  const { url, tls } = cluster.server;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'worker',
    contexts: [{ name: 'worker', context: { cluster: 'test', user: 'worker' } }],
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority': tls.certFile } }],
    users: [{ name: 'worker', user: { token } }],
  });
}

/** The authorizer learns of a new binding some moments after it was made. */
async function untilBound(rollout: Rollout, env: 'stg' | 'prod'): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await rollout.getState('nothing', env).catch(() => null)) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the rights never came');
}

interface Rules {
  readonly kind: string;
  readonly rules?: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

async function granted(file: string): Promise<readonly string[]> {
  const documents = parseAllDocuments(await readFile(join(DEPLOY, file), 'utf8'));
  const roles = documents.map((one) => one.toJS() as Rules).filter(({ kind }) => kind === 'Role');
  return roles
    .flatMap(({ rules = [] }) => rules)
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
      ),
    )
    .sort();
}

interface Use {
  readonly allowed: readonly string[];
  readonly denied: readonly string[];
}

/** What the worker asked of the API server while `work` ran, by the API server's own audit log. */
async function usedBy(work: () => Promise<void>): Promise<Use> {
  const before = (await cluster.server.audit()).length;
  await work();
  const events = (await cluster.server.audit()).slice(before);
  const mine = events.filter(({ user }) => user.username === WORKER);
  const allowed = new Set<string>();
  const denied = new Set<string>();
  for (const { verb, objectRef, responseStatus } of mine) {
    const sub = objectRef?.subresource === undefined ? '' : `/${objectRef.subresource}`;
    const right = `${verb} ${objectRef?.apiGroup ?? ''}/${objectRef?.resource ?? ''}${sub}`;
    (responseStatus?.code === 403 ? denied : allowed).add(right);
  }
  return { allowed: [...allowed].sort(), denied: [...denied] };
}

async function everyOperation(rollout: Rollout): Promise<void> {
  await rollout.makeStable(at(1), A, '/healthz', 10_000);
  await rollout.startCandidate(at(2), B, '/healthz', 10_000);
  await rollout.setCandidatePercent(at(2), B.digest, 25);
  await rollout.trackUrl('shop', 'prod', 'candidate');
  await rollout.withdrawCandidate(at(2));
  cluster.kubelet.decide(C.digest, 'unready');
  await expect(rollout.startCandidate(at(3), C, '/healthz', 1_500)).rejects.toThrow('probe failed');
  await rollout.makeStable(at(4), B, '/healthz', 10_000);
  await cluster.edit(
    `/api/v1/namespaces/${NAMESPACES.prod}/services/shop-${B.digest.slice(7, 19)}`,
    { spec: { selector: { app: 'mine' } } },
  );
  await rollout.makeStable(at(5), B, '/healthz', 10_000);
  await rollout.clearStable(at(5));
  await rollout.getState('shop', 'prod');
}

it('lets the worker do all it does in a cluster, and grants nothing that it does not use', async () => {
  const rollout = createKubernetesRollout(clusterOptions(cluster.server.access(token)));
  await untilBound(rollout, 'prod');

  const used = await usedBy(() => everyOperation(rollout));

  expect(used.denied).toEqual([]);
  expect(used.allowed).toEqual(await granted('rbac.yaml'));
});

it('lets the worker do all it does with Argo Rollouts, and grants nothing that it does not use', async () => {
  const argo = startFakeArgo(cluster.server);
  await createTestRollout(cluster.server, 'stg', 'shop');
  const rollout = createArgoRollout(argoOptions(cluster.server.access(token)));
  const write = { svc: 'shop', env: 'stg' as const, epoch: 1 };
  await untilBound(rollout, 'stg');

  const used = await usedBy(async () => {
    await rollout.makeStable(write, A, '/healthz', 10_000);
    await rollout.startCandidate(write, B, '/healthz', 10_000);
    await rollout.setCandidatePercent(write, B.digest, 25);
    argo.decide(C.digest, 'unready');
    await expect(rollout.startCandidate(write, C, '/healthz', 1_000)).rejects.toThrow('not ready');
    await rollout.withdrawCandidate(write);
    await rollout.clearStable(write);
    await rollout.getState('shop', 'stg');
  });

  await argo.stop();
  expect(used.denied).toEqual([]);
  expect(used.allowed).toEqual(await granted('rbac-argo.yaml'));
});

it('stays out of every other namespace, and is told which right it lacks', async () => {
  const rollout = createKubernetesRollout(clusterOptions(cluster.server.access(token)));

  await expect(rollout.getState('shop', 'dev')).rejects.toMatchObject({
    code: 'ROLLOUT_UNAVAILABLE',
    message: expect.stringMatching(/lacks a right: .*cannot get resource "httproutes"/) as string,
    details: { remedy: expect.stringContaining('rbac.yaml') as string },
  });
});

it('reaches the cluster by a kubeconfig, with the client as Node loads it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plura-kubeconfig-'));
  const file = join(folder, 'config');
  await writeFile(file, kubeConfig());

  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--require', HOOK, '-e', READ_STATE, ADAPTER, file],
    { cwd: ROOT },
  );

  await rm(folder, { recursive: true });
  expect(JSON.parse(stdout)).toMatchObject({
    status: 404,
    text: expect.stringContaining('NotFound') as string,
  });
});

it('is refused with a token of somebody unknown', async () => {
  const rollout = createKubernetesRollout(clusterOptions(cluster.server.access('no-such-token')));

  const refusal = rollout.getState('shop', 'prod');

  await expect(refusal).rejects.toMatchObject({ code: 'ROLLOUT_UNAVAILABLE' });
  await expect(refusal).rejects.not.toThrow('no-such-token');
});
