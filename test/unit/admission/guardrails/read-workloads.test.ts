import { createFactReader } from '../../../../src/admission/guardrails/facts';
import { createImageConfigs } from '../../../../src/admission/guardrails/image-configs';
import { createWorkloads } from '../../../../src/admission/guardrails/read-workloads';
import type { GuardrailFindings } from '../../../../src/admission/dependencies';
import {
  DEFAULT_GUARDRAILS,
  everyRule,
} from '../../../../src/domain/admission/guardrails/defaults';
import {
  createFakeNetworkPolicies,
  type FakeNetworkPolicies,
} from '../../../support/fakes/network-policies';
import { createFakeRegistry, type FakeRegistry } from '../../../support/fakes/registry';

const HOST = 'registry.test';
const EVERYTHING = {
  name: 'out',
  podSelector: { matchLabels: {}, matchExpressions: [] },
  limitsEgress: true,
  egress: [],
};

let registry: FakeRegistry;
let networkPolicies: FakeNetworkPolicies;
let image: string;

beforeEach(() => {
  registry = createFakeRegistry();
  networkPolicies = createFakeNetworkPolicies();
  networkPolicies.policies.set('shop-prod', [EVERYTHING]);
  const repository = 'apps/shop/web';
  const digest = registry.pushImage({ repository, env: ['DB_PASSWORD=x'], index: true });
  image = `${HOST}/${repository}@${digest}`;
});

function judge(name = image): Promise<GuardrailFindings> {
  const workloads = createWorkloads({
    guardrails: { ...DEFAULT_GUARDRAILS, modes: everyRule('enforce'), overrides: [] },
    facts: createFactReader({
      networkPolicies,
      imageConfigs: createImageConfigs({ registry, registries: [HOST] }),
    }),
  });
  const template = workloads.podTemplateOf({
    apiVersion: 'v1',
    kind: 'Pod',
    spec: { containers: [{ name: 'web', image: name }] },
  });
  return workloads.judgeGuardrails({ namespace: 'shop-prod', template: template! });
}

const rulesOf = ({ denied }: GuardrailFindings): readonly string[] =>
  denied.map(({ rule }) => rule);

it('judges by the policies of the namespace and the configs of the images', async () => {
  const findings = await judge();

  expect(rulesOf(findings)).toContain('config-outside-image');
  expect(rulesOf(findings)).not.toContain('egress-policy');
  expect(findings.unread).toEqual([]);
});

it('breaches without a policy', async () => {
  networkPolicies.policies.clear();

  expect(rulesOf(await judge())).toContain('egress-policy');
});

it('judges nothing by what could not be read, and everything else', async () => {
  networkPolicies.fail('ROLLOUT_UNAVAILABLE', 1);
  registry.fail('REGISTRY_UNAVAILABLE', 9);

  const findings = await judge();

  expect(findings.unread.map(({ unknown }) => unknown).sort()).toEqual(['cluster', 'registry']);
  expect(rulesOf(findings)).toContain('run-as-non-root');
  expect(rulesOf(findings)).not.toContain('egress-policy');
  expect(rulesOf(findings)).not.toContain('config-outside-image');
});

it.each(['nginx', `${HOST}/apps/shop/web:1`, `${HOST}/apps/shop/none@sha256:${'a'.repeat(64)}`])(
  'knows no config of %s',
  async (name) => {
    const findings = await judge(name);

    expect(findings.unread).toEqual([]);
    expect(rulesOf(findings)).toContain('config-outside-image');
  },
);

it('says where an object has a wrong shape', () => {
  const workloads = createWorkloads({
    guardrails: DEFAULT_GUARDRAILS,
    facts: { read: () => Promise.reject(new Error('not asked')) },
  });

  expect(() =>
    workloads.podTemplateOf({ apiVersion: 'v1', kind: 'Pod', spec: { containers: 'web' } }),
  ).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }) as Error);
  expect(workloads.podTemplateOf({ apiVersion: 'v1', kind: 'ConfigMap' })).toBeNull();
});
