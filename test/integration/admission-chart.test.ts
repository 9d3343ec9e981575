import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { NetworkPolicy } from '../../src/contract/schema/admission-network-policy';
import { podTemplateOf } from '../../src/contract/schema/admission-pod';
import { everyRule, DEFAULT_GUARDRAILS } from '../../src/domain/admission/guardrails/defaults';
import { createGuardrailJudge } from '../../src/domain/admission/guardrails/judge-guardrails';

import { repositoryRoot } from '../../src/local/repository-root';
import { goodMetadata, goodSpec, type Raw } from '../support/guardrail-builders';
import { helm, renderChart } from '../support/helm';
import { sendToKube } from '../support/kubernetes/kube-send';
import { startKubeServer, type KubeServer } from '../support/kubernetes/kube-server';

jest.setTimeout(120_000);

const CHART = join(repositoryRoot(), 'deploy/charts/plura-admission');
const WITH_CERT_MANAGER = join(CHART, 'ci/cert-manager-values.yaml');
const WITH_CERTIFICATE = join(CHART, 'ci/given-certificate-values.yaml');
const NAMESPACE = 'plura-reg';
const NAME = 'plura-reg-admission';

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Without the labels by which Helm and kubectl know what is theirs. */
function essenceOf(object: Raw): Raw {
  const { name, namespace, annotations } = object['metadata'] as Metadata;
  return { ...object, metadata: { name, namespace, annotations } };
}

const byKind = (one: Raw, other: Raw): number =>
  String(one['kind']).localeCompare(String(other['kind']));

function ofKind(objects: readonly Raw[], kind: string): Raw {
  const [found, second] = objects.filter((object) => object['kind'] === kind);
  expect([found?.['kind'], second]).toEqual([kind, undefined]);
  return found!;
}

it.each([WITH_CERT_MANAGER, WITH_CERTIFICATE])('is a chart as it should be with %s', (values) =>
  expect(helm('lint', '--strict', CHART, '--values', values)).resolves.toContain(
    '0 chart(s) failed',
  ),
);

it('makes what deploy/kubernetes/admission.yaml holds', async () => {
  const file = join(repositoryRoot(), 'deploy/kubernetes/admission.yaml');
  const held = parseAllDocuments(await readFile(file, 'utf8')).map((one) => one.toJS() as Raw);

  const made = await renderChart(CHART, NAMESPACE, '--values', WITH_CERT_MANAGER);

  expect([...made].sort(byKind).map(essenceOf)).toEqual([...held].sort(byKind).map(essenceOf));
});

it('follows its namespace and name everywhere', async () => {
  const values = ['--values', WITH_CERT_MANAGER, '--set', 'name=guard'];

  const made = await renderChart(CHART, 'platform', ...values);

  const metadata = made.map((object) => object['metadata'] as Metadata);
  expect(new Set(metadata.map(({ name }) => name))).toEqual(new Set(['guard']));
  expect(new Set(metadata.flatMap(({ namespace }) => namespace ?? []))).toEqual(
    new Set(['platform']),
  );
  expect(ofKind(made, 'Certificate')['spec']).toMatchObject({
    dnsNames: ['guard.platform.svc', 'guard.platform.svc.cluster.local'],
  });
  const { webhooks } = ofKind(made, 'ValidatingWebhookConfiguration') as {
    webhooks: readonly { namespaceSelector: { matchExpressions: readonly Raw[] } }[];
  };
  expect(webhooks[0]?.namespaceSelector.matchExpressions[0]?.['values']).toContain('platform');
});

it('takes a certificate of somebody else, and then needs no cert-manager', async () => {
  const made = await renderChart(CHART, NAMESPACE, '--values', WITH_CERTIFICATE);

  const kinds = made.map(({ kind }) => kind);
  expect(kinds).not.toContain('Certificate');
  expect(kinds).not.toContain('Issuer');
  for (const kind of ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration']) {
    const { metadata, webhooks } = ofKind(made, kind) as {
      metadata: Metadata;
      webhooks: readonly { clientConfig: { caBundle: string } }[];
    };
    expect(metadata.annotations).toBeUndefined();
    expect(webhooks[0]?.clientConfig.caBundle).toMatch(/^LS0tLS1CRUdJTi/);
  }
});

it.each([
  ['files are the keys', [], undefined],
  ['files are the keys, and it is said', [{ name: 'PLURA_KMS', value: 'file' }], undefined],
  [
    'a KMS has them',
    [
      { name: 'A', value: 'b' },
      { name: 'PLURA_KMS', value: 'aws' },
    ],
    true,
  ],
])('needs public keys in the namespace unless a KMS has the keys: %s', async (_, env, optional) => {
  const set = ['--set-json', `env=${JSON.stringify(env)}`];

  const made = await renderChart(CHART, NAMESPACE, '--values', WITH_CERTIFICATE, ...set);

  const { spec } = ofKind(made, 'Deployment') as {
    spec: { template: { spec: { volumes: readonly Raw[] } } };
  };
  const keys = spec.template.spec.volumes.find(({ name }) => name === 'keys');
  expect(keys?.['configMap']).toEqual({
    name: 'plura-reg-public-keys',
    ...(optional && { optional }),
  });
});

it('rolls the pods when a file of the configuration changes', async () => {
  const render = async (policy: string): Promise<unknown> => {
    const set = `config.files.policy\\.yaml=${policy}`;
    const made = await renderChart(CHART, NAMESPACE, '--values', WITH_CERTIFICATE, '--set', set);
    const { spec } = ofKind(made, 'Deployment') as { spec: { template: Raw } };
    return (spec.template['metadata'] as Metadata).annotations?.['checksum/config'];
  };

  const [one, same, other] = [await render('a'), await render('a'), await render('b')];

  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(same).toBe(one);
  expect(other).not.toBe(one);
});

it.each([
  ['no digest', 'image.digest=latest', /image\/digest/],
  ['one replica', 'replicas=1', /replicas/],
  [
    'a system namespace that is asked about',
    'webhooks.excludedNamespaces={default}',
    /excludedNamespaces/,
  ],
  ['no authority', 'certificate.caBundle=', /caBundle/],
  ['an unknown value', 'failurePolicy=Ignore', /failurePolicy/],
  ['a file that is missing', 'config.files.policy\\.yaml=null', /policy\.yaml/],
])('refuses %s', async (_name, set, message) => {
  const made = renderChart(CHART, NAMESPACE, '--values', WITH_CERTIFICATE, '--set', set);

  await expect(made).rejects.toThrow(message);
});

describe('by the guardrails of the product, all of them enforced', () => {
  const config = {
    ...DEFAULT_GUARDRAILS,
    modes: everyRule('enforce'),
    egress: {
      allow: [
        ...DEFAULT_GUARDRAILS.egress.allow,
        {
          to: { cidrs: ['192.0.2.10/32'] },
          ports: [{ protocol: 'TCP', port: 6443 }],
        },
      ],
    },
  } as const;
  const imageConfig = { env: ['NODE_ENV=production'], command: [], history: [] };

  async function breached(values: string): Promise<readonly string[]> {
    const made = await renderChart(CHART, NAMESPACE, '--values', values);
    const template = podTemplateOf(ofKind(made, 'Deployment'))!;
    const facts = {
      networkPolicies: [NetworkPolicy.parse(ofKind(made, 'NetworkPolicy'))],
      imageConfigs: new Map([[template.spec.containers[0]?.image ?? '', [imageConfig]]]),
    };
    const { denied } = createGuardrailJudge(config)({ namespace: NAMESPACE, template, facts });
    return denied.map(({ rule, message }) => `${rule}: ${message}`);
  }

  it('nothing is breached, once it is told where the API server is', async () => {
    expect(await breached(WITH_CERTIFICATE)).toEqual([]);
  });

  it('only the way to the API server is open by default', async () => {
    expect(await breached(WITH_CERT_MANAGER)).toEqual([
      `egress-policy: NetworkPolicy ${NAME} lets egress[2] go anywhere`,
    ]);
  });
});

describe('on a real API server', () => {
  let kube: KubeServer;
  let folder: string;

  async function writeKubeConfig(): Promise<string> {
    const { headers } = await kube.admin.authorize();
    const file = join(folder, 'kubeconfig.json');
    const token = String(Object.values(headers)[0]).replace('Bearer ', '');
    const cluster = { server: kube.url, 'certificate-authority': kube.tls.certFile };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'kube',
      contexts: [{ name: 'kube', context: { cluster: 'kube', user: 'admin' } }],
      clusters: [{ name: 'kube', cluster }],
      users: [{ name: 'admin', user: { token } }],
    };
    await writeFile(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  }

  /** What Go builds from a module does not know its version, which Helm would compare. */
  async function chartForAnyVersion(): Promise<string> {
    const copy = join(folder, 'chart');
    await cp(CHART, copy, { recursive: true });
    const about = join(copy, 'Chart.yaml');
    const text = await readFile(about, 'utf8');
    await writeFile(about, text.replace(/^kubeVersion:.*$/m, ''));
    return copy;
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plura-chart-'));
    kube = await startKubeServer();
    await helm(
      ...['install', 'admission', await chartForAnyVersion(), '--create-namespace'],
      ...['--namespace', NAMESPACE, '--values', WITH_CERTIFICATE],
      ...['--kubeconfig', await writeKubeConfig()],
    );
    const shop = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop-prod' } };
    await kube.call({ method: 'POST', path: '/api/v1/namespaces', body: shop });
  });
  afterAll(async () => {
    await kube.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const createPod = (namespace: string): ReturnType<typeof sendToKube> => {
    const metadata = { ...goodMetadata(), name: 'web' };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: goodSpec() };
    return sendToKube(kube, 'POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, pod);
  };

  it('nothing starts while the webhook is not there', async () => {
    let reply = await createPod('shop-prod');
    // Webhooks are taken up some moments after they were registered.
    for (let tries = 0; reply.status === 201 && tries < 100; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      reply = await createPod('shop-prod');
    }

    expect(reply.status).toBe(500);
    expect(reply.body['message']).toMatch(
      /failed calling webhook "(digests|admission)\.plura\.reg"/,
    );
  });

  it.each(['kube-system', 'kube-public', NAMESPACE])('%s works without it', async (namespace) => {
    expect((await createPod(namespace)).status).toBe(201);
  });

  it.each([
    ['networking.k8s.io', 'networkpolicies', 'list', true],
    ['networking.k8s.io', 'networkpolicies', 'create', false],
    ['', 'secrets', 'list', false],
    ['', 'pods', 'list', false],
  ])('its account may, of %s/%s, %s: %s', async (group, resource, verb, allowed) => {
    const answer = await kube.call({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user: `system:serviceaccount:${NAMESPACE}:${NAME}`,
          resourceAttributes: { group, resource, verb, namespace: 'shop-prod' },
        },
      },
    });

    expect(answer['status']).toMatchObject({ allowed });
  });
});
