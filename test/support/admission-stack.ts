import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { parseAllDocuments } from 'yaml';
import { ensureKeys } from '../../src/adapters/kms/ensure-keys';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createPostgresLedger, type PostgresLedger } from '../../src/adapters/postgres/ledger';
import { createRekorWitness } from '../../src/adapters/rekor/rekor-witness';
import { createSigstoreSigner } from '../../src/adapters/sigstore/sigstore-signer';
import { createAdmission } from '../../src/admission/admission';
import { readKeyPair } from '../../src/admission/tls/key-pair';
import { ensureSelfMadePair } from '../../src/admission/tls/self-made';
import { readAdmissionConfig } from '../../src/config/admission';
import { writePublicKeys } from '../../src/local/seed/trusted-root';
import { joinAdmission } from '../../src/main/admission-dependencies';
import type { Registry } from '../../src/ports/registry';
import { KEY_IDS, type Signer } from '../../src/ports/signer';
import type { Raw } from './guardrail-builders';
import { sendToKube } from './kubernetes/kube-send';
import { startKubeServer, type KubeServer } from './kubernetes/kube-server';
import { startPostgres } from './postgres-server';
import { freePort, startRegistry } from './registry-server';
import { openStores, type OpenStores } from './registry-stores';
import { startRekor } from './rekor-server';
import { startTcpRelay, type TcpRelay } from './tcp-relay';

/** As the shipped settings name our registry. */
export const HOST = 'registry.example:5080';
export const OTHER_REGION = 'us-east-1';

const REGIONAL_KEYS = [KEY_IDS.release('eu-west-1'), KEY_IDS.release(OTHER_REGION), KEY_IDS.bases];
const ROOT = resolve(__dirname, '../..');
const CATALOG = `apiVersion: plura.reg/v1
services:
  - { svc: shop, name: web, owner: team-shop, region: eu-west-1 }
  - { svc: cart, name: web, owner: team-cart, region: eu-west-1 }
`;

/** A webhook that a real API server asks, on a real registry, Postgres and transparency log. */
export interface AdmissionStack {
  readonly kube: KubeServer;
  readonly registryUrl: string;
  readonly registry: Registry;
  readonly signer: Signer;
  /** File keys of whoever signs, and the public halves that the webhook has. */
  readonly keysDir: string;
  readonly publicKeysDir: string;
  readonly ledger: PostgresLedger;
  readonly stores: OpenStores;
  /** What the webhook has between itself and registry and Postgres. */
  readonly toRegistry: TcpRelay;
  readonly toPostgres: TcpRelay;
  /** `https://host:port` of the webhook, and the PEM of its certificate. */
  readonly webhook: { readonly url: string; readonly ca: string; stop(): Promise<void> };
  stop(): Promise<void>;
}

const portOf = (url: string): number => Number(new URL(url).port);

function through(connectionString: string, relay: TcpRelay): string {
  const url = new URL(connectionString);
  url.port = new URL(relay.url).port;
  return url.href;
}

/** The shipped settings, less patient, and with somebody who may break the glass. */
async function writeSettings(folder: string): Promise<string> {
  const shipped = await readFile(join(ROOT, 'deploy/admission/default.yaml'), 'utf8');
  const file = join(folder, 'admission.yaml');
  const edited = shipped.replace('dependency: 3s', 'dependency: 1s');
  await writeFile(file, edited.replace('groups: []', 'groups: [sre]'));
  return file;
}

async function startWebhook(
  folder: string,
  environment: NodeJS.ProcessEnv,
): Promise<AdmissionStack['webhook']> {
  const catalog = join(folder, 'catalog.yaml');
  await writeFile(catalog, CATALOG);
  const port = await freePort();
  const config = readAdmissionConfig({
    PLURA_PORT: String(port),
    PLURA_OPERATIONS_PORT: String(await freePort()),
    PLURA_POLICY: join(ROOT, 'deploy/policy/default.yaml'),
    PLURA_CATALOG: catalog,
    PLURA_ADMISSION: await writeSettings(folder),
    PLURA_ADMISSION_CERT: join(folder, 'tls.crt'),
    PLURA_ADMISSION_KEY: join(folder, 'tls.key'),
    PLURA_ADMISSION_AUDIT_FILE: join(folder, 'audit.jsonl'),
    ...environment,
  });
  const now = new Date();
  await ensureSelfMadePair(config, ['127.0.0.1'], now);
  const pair = await readKeyPair(config, now);
  const log = pino({ level: 'silent' });
  const joined = await joinAdmission(config, log);
  const { deps } = joined;
  const admission = createAdmission({ deps, files: config, pair, clientCa: null, log });
  await deps.standing.fresh();
  await admission.reviews.listen({ host: config.host, port });
  let isStopped = false;
  return {
    url: `https://127.0.0.1:${port}`,
    ca: pair.cert,
    stop: async () => {
      if (isStopped) return;
      isStopped = true;
      await admission.close(0);
      await joined.close();
    },
  };
}

/** As deploy/kubernetes/admission.yaml has them, but for where the webhook is. */
async function register(kube: KubeServer, { url, ca }: AdmissionStack['webhook']): Promise<void> {
  const text = await readFile(join(ROOT, 'deploy/kubernetes/admission.yaml'), 'utf8');
  for (const document of parseAllDocuments(text).map((one) => one.toJS() as Raw)) {
    const kind = String(document['kind']);
    if (!kind.endsWith('WebhookConfiguration')) continue;
    const webhooks = (document['webhooks'] as readonly Raw[]).map((webhook) => {
      const { service } = webhook['clientConfig'] as { readonly service: { path: string } };
      const caBundle = Buffer.from(ca).toString('base64');
      return { ...webhook, clientConfig: { url: `${url}${service.path}`, caBundle } };
    });
    const path = `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s`;
    await kube.call({ method: 'POST', path, body: { ...document, webhooks } });
  }
}

/** Webhooks are taken up some moments after they were registered; until then anything gets in. */
async function untilAsked(kube: KubeServer, namespace: string): Promise<void> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'probe' },
    spec: { containers: [{ name: 'probe', image: 'docker.io/library/probe' }] },
  };
  for (let tries = 0; tries < 200; tries += 1) {
    const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
    const { status } = await sendToKube(kube, 'POST', path, pod);
    if (status === 403) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('the API server does not ask the webhook');
}

/** @param namespaces made in the cluster */
export async function startAdmissionStack(
  namespaces: readonly [string, ...string[]],
): Promise<AdmissionStack> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-admission-stack-'));
  const [kube, server, postgres, rekor] = await Promise.all([
    startKubeServer(),
    startRegistry(),
    startPostgres(),
    startRekor(),
  ]);
  await ensureKeys(rekor.keysDir, { signing: [`release/${OTHER_REGION}`], mac: [] });
  const database = await postgres.freshDatabase();
  const toRegistry = await startTcpRelay(portOf(server.url));
  const toPostgres = await startTcpRelay(portOf(database));
  const { kms, trustedRootFile, keysDir } = rekor;
  const publicKeysDir = join(folder, 'public-keys');
  await writePublicKeys(publicKeysDir, kms, REGIONAL_KEYS);
  const webhook = await startWebhook(folder, {
    PLURA_DATABASE_URL: through(database, toPostgres),
    PLURA_REGISTRY_URL: toRegistry.url,
    PLURA_PUBLIC_KEYS_DIR: publicKeysDir,
    PLURA_TRUSTED_ROOT: trustedRootFile,
  });
  for (const name of namespaces) {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await kube.call({ method: 'POST', path: '/api/v1/namespaces', body });
  }
  await register(kube, webhook);
  await untilAsked(kube, namespaces[0]);
  const witness = createRekorWitness({ url: rekor.url });
  const ledger = createPostgresLedger({ connectionString: database });
  const stores = await openStores(database);
  return {
    kube,
    registryUrl: server.url,
    registry: createOciRegistry({ url: server.url }),
    signer: createSigstoreSigner({ kms, witness, trustedRootFile }),
    keysDir,
    publicKeysDir,
    ledger,
    stores,
    toRegistry,
    toPostgres,
    webhook,
    stop: async () => {
      await webhook.stop();
      await Promise.all([ledger.close(), stores.close(), toRegistry.stop(), toPostgres.stop()]);
      await Promise.all([kube.stop(), server.stop(), postgres.stop(), rekor.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
