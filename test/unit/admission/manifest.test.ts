import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { readAdmissionConfig } from '../../../src/config/admission';
import { RESOURCE_RULES } from '../../../src/domain/admission/guardrails/vap-match';

interface Webhook {
  readonly name: string;
  readonly clientConfig: { readonly service: { readonly path: string; readonly name: string } };
  readonly failurePolicy: string;
  readonly sideEffects: string;
  readonly matchPolicy: string;
  readonly reinvocationPolicy?: string;
  readonly timeoutSeconds: number;
  readonly objectSelector?: object;
  readonly namespaceSelector: {
    readonly matchExpressions: readonly {
      readonly key: string;
      readonly operator: string;
      readonly values: readonly string[];
    }[];
  };
  readonly rules: readonly ResourceRule[];
}

interface ResourceRule {
  readonly apiGroups: readonly string[];
  readonly operations: readonly string[];
  readonly resources: readonly string[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly webhooks: readonly Webhook[];
  readonly rules: readonly object[];
  readonly spec: Readonly<Record<string, unknown>>;
}

interface Container {
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly securityContext: object;
  readonly resources: object;
  readonly volumeMounts: readonly { readonly mountPath: string }[];
}

interface DeploymentSpec {
  readonly replicas: number;
  readonly template: {
    readonly metadata: {
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    };
    readonly spec: { readonly securityContext: object; readonly containers: readonly Container[] };
  };
}

const deployed = (file: string): string =>
  readFileSync(path.resolve(__dirname, '../../../deploy', file), 'utf8');
const manifests = parseAllDocuments(deployed('kubernetes/admission.yaml')).map(
  (document) => document.toJS() as Manifest,
);

function find(kind: string): Manifest {
  const [found, second] = manifests.filter((manifest) => manifest.kind === kind);
  expect(second).toBeUndefined();
  return found!;
}

const deployment = find('Deployment').spec as unknown as DeploymentSpec;

describe.each([
  ['ValidatingWebhookConfiguration', '/validate', 'NoneOnDryRun'],
  ['MutatingWebhookConfiguration', '/mutate', 'None'],
])('%s', (kind, urlPath, sideEffects) => {
  const { metadata, webhooks } = find(kind);
  const webhook = webhooks[0]!;

  it('fails closed, and in time', () => {
    expect(webhooks).toHaveLength(1);
    expect(webhook).toMatchObject({
      failurePolicy: 'Fail',
      sideEffects,
      matchPolicy: 'Equivalent',
      timeoutSeconds: 10,
    });
    expect(webhook.clientConfig.service).toMatchObject({
      name: find('Service').metadata.name,
      path: urlPath,
    });
  });

  it('leaves alone what the cluster and the webhook itself need to start', () => {
    expect(webhook.namespaceSelector.matchExpressions).toEqual([
      {
        key: 'kubernetes.io/metadata.name',
        operator: 'NotIn',
        values: expect.arrayContaining(['kube-system', 'plura-reg', 'cert-manager']) as string[],
      },
    ]);
    expect(webhook.objectSelector).toBeUndefined();
  });

  it('is asked about creations and updates', () => {
    for (const { operations } of webhook.rules) expect(operations).toEqual(['CREATE', 'UPDATE']);
  });

  it('gets its authority from cert-manager', () => {
    const { name, namespace } = find('Certificate').metadata;
    expect(metadata.annotations).toEqual({
      'cert-manager.io/inject-ca-from': `${namespace ?? ''}/${name}`,
    });
  });
});

describe('what is asked about', () => {
  const policies = asked(RESOURCE_RULES as readonly ResourceRule[]);
  const rulesOf = (kind: string): readonly ResourceRule[] => find(kind).webhooks[0]!.rules;

  /** `group/resource`, sorted. */
  function asked(
    rules: readonly Pick<ResourceRule, 'apiGroups' | 'resources'>[],
  ): readonly string[] {
    return rules
      .flatMap(({ apiGroups, resources }) => resources.map((one) => `${apiGroups.join()}/${one}`))
      .sort();
  }

  it('is the same for the validating webhook and for the policies', () => {
    expect(asked(rulesOf('ValidatingWebhookConfiguration'))).toEqual(policies);
  });

  it('is no resize for the mutating webhook: no image comes in by it', () => {
    expect(asked(rulesOf('MutatingWebhookConfiguration'))).toEqual(
      policies.filter((one) => one !== '/pods/resize'),
    );
  });

  it('is the same in the chart', () => {
    const template = deployed('charts/plura-admission/templates/_helpers.tpl');
    const lists = template.replaceAll(/\{\{.*?}}/g, '').matchAll(/resources: \[(.*)]/g);

    const named = [...lists].flatMap(([, list = '']) => list.split(', '));

    expect(named.sort()).toEqual(policies.map((one) => one.slice(one.indexOf('/') + 1)).sort());
  });
});

it('asks again after others have changed a pod', () => {
  expect(find('MutatingWebhookConfiguration').webhooks[0]?.reinvocationPolicy).toBe('IfNeeded');
});

it('may read NetworkPolicies, and nothing else', () => {
  expect(find('ClusterRole').rules).toEqual([
    { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['list'] },
  ]);
});

it('has a certificate for the name that the API server calls', () => {
  const { name, namespace = '' } = find('Service').metadata;

  expect(find('Certificate').spec['dnsNames']).toContain(`${name}.${namespace}.svc`);
});

describe('the webhook itself', () => {
  const { spec, metadata } = deployment.template;
  const container = spec.containers[0]!;

  it('runs twice', () => {
    expect(deployment.replicas).toBe(2);
    expect(find('PodDisruptionBudget').spec['minAvailable']).toBe(1);
  });

  it('keeps the guardrails that it asks of others', () => {
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
      appArmorProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.resources).toMatchObject({
      requests: { cpu: expect.anything() as string, memory: expect.anything() as string },
      limits: { cpu: expect.anything() as string, memory: expect.anything() as string },
    });
    expect(container.image).toMatch(/@sha256:[0-9a-f]{64}$/);
    expect(metadata.annotations).toMatchObject({ 'plura.reg/mtls': 'strict' });
  });

  it('has a NetworkPolicy for what it may reach', () => {
    const policy = find('NetworkPolicy').spec;

    expect(policy['policyTypes']).toEqual(['Egress']);
    expect(metadata.labels).toMatchObject(
      (policy['podSelector'] as { matchLabels: object }).matchLabels,
    );
  });

  it('is given an environment that it accepts', () => {
    const inSecret: Readonly<Record<string, string>> = {
      PLURA_DATABASE_URL: 'postgres://in-a-secret',
      PLURA_REGISTRY_URL: 'http://in-a-secret',
    };
    const environment = Object.fromEntries(
      container.env.map(({ name, value = inSecret[name] }) => [name, value]),
    );

    const config = readAdmissionConfig(environment);

    const mounted = container.volumeMounts.map(({ mountPath }) => mountPath);
    expect(config.keys).toEqual({ kind: 'file', publicKeysDir: '/etc/plura/keys' });
    const files = [config.certFile, config.settingsFile, config.auditFile];
    for (const one of files) expect(mounted.some((mount) => one.startsWith(mount))).toBe(true);
  });
});
