import { deploymentManifest } from '../../../../src/adapters/kubernetes/manifests';
import type { KubernetesOptions } from '../../../../src/adapters/kubernetes/options';
import { DEFAULT_GUARDRAILS } from '../../../../src/domain/admission/guardrails/defaults';
import type { GuardrailSubject } from '../../../../src/domain/admission/guardrails/guardrail';
import {
  createGuardrailJudge,
  type GuardrailVerdict,
} from '../../../../src/domain/admission/guardrails/judge-guardrails';
import { templateOf } from '../../../support/guardrail-subject';
import { clusterOptions, testImage } from '../../../support/kubernetes/cluster';

const ACCESS = {
  server: 'https://127.0.0.1',
  authorize: () => Promise.resolve({ headers: {}, connection: {} }),
};
const NOBODY_KNOWS: GuardrailSubject['facts'] = { networkPolicies: null, imageConfigs: new Map() };

function judged(more: Partial<KubernetesOptions> = {}): GuardrailVerdict {
  const run = {
    at: { svc: 'shop', env: 'prod' },
    placed: { ...testImage('a'), healthPath: '/' },
    epoch: 1,
    track: 'stable',
    readyTimeoutMs: 1_000,
    replicas: 2,
  } as const;
  const manifest = deploymentManifest(run, clusterOptions(ACCESS, more));
  const template = templateOf(JSON.parse(JSON.stringify(manifest)) as Record<string, unknown>);
  return createGuardrailJudge(DEFAULT_GUARDRAILS)({
    namespace: 'prod',
    template,
    facts: NOBODY_KNOWS,
  });
}

it('deploys what the standard guardrails admit', () => {
  expect(judged().denied).toEqual([]);
});

it('leaves AppArmor out where nodes have none, and the guardrail to whoever turns it off', () => {
  const { denied } = judged({ appArmorProfile: null });

  expect(denied.map(({ rule }) => rule)).toEqual(['apparmor']);
});
