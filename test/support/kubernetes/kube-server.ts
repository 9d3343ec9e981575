import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import type { ClusterAccess } from '../../../src/adapters/kubernetes/cluster-access';
import { sendToCluster, type KubeRequest } from '../../../src/adapters/kubernetes/kube-http';
import { captureOutput, freePort, stopProcess, waitForHttp } from '../registry-server';
import { toolPath } from '../tools';

export type KubeObject = Readonly<Record<string, unknown>>;

export interface AuditEvent {
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly requestURI: string;
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
  };
  readonly responseStatus?: { readonly code?: number };
}

export interface KubeServer {
  readonly url: string;
  /** PEM files of the API server's own certificate, good for 127.0.0.1. */
  readonly tls: { readonly certFile: string; readonly keyFile: string };
  /** Whoever has the token. */
  access(token: string): ClusterAccess;
  /** May do everything. */
  readonly admin: ClusterAccess;
  /** As admin; the answer as JSON. Throws for 400 and above. */
  call(request: KubeRequest): Promise<KubeObject>;
  /** Creates what a YAML file holds, in `namespace` where that has none. */
  create(file: string, namespace?: string): Promise<void>;
  /** Who did what, so far. */
  audit(): Promise<readonly AuditEvent[]>;
  stop(): Promise<void>;
}

const ADMIN_TOKEN = randomBytes(16).toString('hex');

const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules: [{ level: Metadata }]
`;

/** A real kube-apiserver on a real etcd, with RBAC. There is no controller and no kubelet: tests play them. */
export async function startKubeServer(): Promise<KubeServer> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-kube-'));
  const etcd = await startEtcd(folder);
  const files = await writeFiles(folder);
  const port = await freePort();
  const child = spawn(toolPath('kube-apiserver'), apiServerArgs(folder, port, etcd.url), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = captureOutput(child);
  const stop = async (): Promise<void> => {
    await stopProcess(child);
    await etcd.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const url = `https://127.0.0.1:${port}`;
  const access = (token: string): ClusterAccess => ({
    server: url,
    authorize: async () => ({
      headers: { authorization: `Bearer ${token}` },
      connection: { ca: await readFile(files.tls.certFile, 'utf8') },
    }),
  });
  const admin = access(ADMIN_TOKEN);
  const call = (request: KubeRequest): Promise<KubeObject> => callAs(admin, request);
  try {
    await untilReady(call, () => child.exitCode !== null, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    tls: files.tls,
    access,
    admin,
    call,
    create: (file, namespace) => createAll(call, file, namespace),
    audit: async () =>
      (await readFile(files.audit, 'utf8'))
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => JSON.parse(line) as AuditEvent),
    stop,
  };
}

async function startEtcd(folder: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const [client, peer] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${client}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  const child = spawn(
    toolPath('etcd'),
    [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log = captureOutput(child);
  const stop = (): Promise<void> => stopProcess(child);
  try {
    await waitForHttp(`${url}/health`, child, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

async function writeFiles(folder: string): Promise<{
  readonly tls: KubeServer['tls'];
  readonly audit: string;
}> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeFile(join(folder, 'sa.key'), privateKey);
  await writeFile(join(folder, 'sa.pub'), publicKey);
  await writeFile(join(folder, 'tokens.csv'), `${ADMIN_TOKEN},admin,admin,system:masters\n`);
  await writeFile(join(folder, 'audit.yaml'), AUDIT_POLICY);
  const certs = join(folder, 'certs');
  return {
    tls: { certFile: join(certs, 'apiserver.crt'), keyFile: join(certs, 'apiserver.key') },
    audit: join(folder, 'audit.log'),
  };
}

function apiServerArgs(folder: string, port: number, etcdUrl: string): readonly string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--cert-dir=${join(folder, 'certs')}`,
    '--authorization-mode=RBAC',
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    `--service-account-key-file=${join(folder, 'sa.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-cluster-ip-range=10.0.0.0/24',
    // As clusters have it: what refuses such pods is what is tested.
    '--allow-privileged=true',
    // It waits for accounts that a controller makes.
    '--disable-admission-plugins=ServiceAccount',
    '--endpoint-reconciler-type=none',
    `--audit-policy-file=${join(folder, 'audit.yaml')}`,
    `--audit-log-path=${join(folder, 'audit.log')}`,
  ];
}

async function callAs(access: ClusterAccess, request: KubeRequest): Promise<KubeObject> {
  const { status, text } = await sendToCluster(access, 20_000, {
    ...(request.body === undefined ? {} : { contentType: 'application/json' }),
    ...request,
  });
  if (status >= 400) {
    throw new Error(`${request.method} ${request.path}: ${status} ${text}`);
  }
  return JSON.parse(text.startsWith('{') ? text : '{}') as KubeObject;
}

async function untilReady(
  call: KubeServer['call'],
  ended: () => boolean,
  log: () => string,
): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (ended()) {
      throw new Error(`kube-apiserver ended: ${log()}`);
    }
    const ready = await call({ method: 'GET', path: '/readyz' }).then(
      () => true,
      () => false,
    );
    if (ready) {
      return;
    }
    await sleep(100);
  }
  throw new Error(`kube-apiserver does not answer: ${log()}`);
}

interface Document {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

const PLURALS: Readonly<Record<string, string>> = {
  CustomResourceDefinition: 'customresourcedefinitions',
  Role: 'roles',
  RoleBinding: 'rolebindings',
};

async function createAll(
  call: KubeServer['call'],
  file: string,
  namespace?: string,
): Promise<void> {
  for (const document of parseAllDocuments(await readFile(file, 'utf8'))) {
    const body = document.toJS() as Document;
    const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
    const path = `/apis/${body.apiVersion}${scope}/${PLURALS[body.kind] ?? ''}`;
    await call({ method: 'POST', path, body });
    if (body.kind === 'CustomResourceDefinition') {
      await untilServed(call, `${path}/${body.metadata.name}`);
    }
  }
}

/** A new API is served some moments after it was made. */
async function untilServed(call: KubeServer['call'], path: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const { spec, status } = (await call({ method: 'GET', path })) as {
      spec: { group: string; names: { plural: string }; versions: { name: string }[] };
      status?: { conditions?: { type: string; status: string }[] };
    };
    const established = status?.conditions?.some(
      (one) => one.type === 'Established' && one.status === 'True',
    );
    const list = `/apis/${spec.group}/${spec.versions[0]?.name ?? ''}/${spec.names.plural}`;
    if (established && (await call({ method: 'GET', path: list }).catch(() => null))) {
      return;
    }
    await sleep(50);
  }
  throw new Error(`${path} is not served`);
}
