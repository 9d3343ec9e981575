import { podTemplateOf } from '../../src/contract/schema/admission-pod';
import type { GuardrailSubject } from '../../src/domain/admission/guardrails/guardrail';
import type { NetworkPolicy } from '../../src/domain/admission/guardrails/network-policy';
import type { PodTemplate } from '../../src/domain/admission/workload';
import { CASE_IMAGE, goodMetadata, goodSpec, type Raw } from './guardrail-builders';

const DENY_ALL: NetworkPolicy = {
  name: 'deny-all',
  podSelector: { matchLabels: {}, matchExpressions: [] },
  limitsEgress: true,
  egress: [],
};

/** What satisfies the rules that need more than the object. */
export const GOOD_FACTS: GuardrailSubject['facts'] = {
  networkPolicies: [DENY_ALL],
  imageConfigs: new Map([[CASE_IMAGE, [{ env: ['PATH=/bin'], command: ['/web'], history: [] }]]]),
};

export function templateOf(object: Raw): PodTemplate {
  const template = podTemplateOf(object);
  if (template === null) throw new RangeError('the object has no pod template');
  return template;
}

/** A pod that satisfies all rules, and what a test makes of it. */
export function subjectWith(over: Partial<GuardrailSubject> = {}): GuardrailSubject {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: goodMetadata(), spec: goodSpec() };
  return { namespace: 'shop', template: templateOf(object), facts: GOOD_FACTS, ...over };
}
