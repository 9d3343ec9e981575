import { metadataPointer } from '../workload';
import { isAllowed } from './egress-allowance';
import type { Breach, Guardrail } from './guardrail';
import { selects } from './label-selector';
import type { NetworkPolicy } from './network-policy';

export const egressPolicy: Guardrail = {
  id: 'egress-policy',
  title: 'NetworkPolicies let out only what is on the allow-list',
  why: 'A pod that somebody got into can neither send data away nor look around in the network.',
  remedy:
    'write a NetworkPolicy with policyTypes: [Egress] that selects the pod and names destinations and ports of the allow-list',
  readsFacts: true,
  judge({ template, facts }, { egress }) {
    const breach = (message: string): Breach => ({
      rule: 'egress-policy',
      pointer: metadataPointer(template, 'labels'),
      message,
    });
    if (facts.networkPolicies === null) {
      return [breach('the NetworkPolicies of the namespace are not known')];
    }
    const selecting = facts.networkPolicies.filter(
      ({ limitsEgress, podSelector }) => limitsEgress && selects(podSelector, template.labels),
    );
    if (selecting.length === 0) {
      return [breach('no NetworkPolicy limits the egress of the pod')];
    }
    // Policies add up: each of them may open only what is allowed.
    return selecting.flatMap((policy) =>
      openings(policy, (rule) => isAllowed(rule, egress.allow)).map(breach),
    );
  },
};

function openings(
  { name, egress }: NetworkPolicy,
  isFine: (rule: NetworkPolicy['egress'][number]) => boolean,
): readonly string[] {
  return egress.flatMap((rule, index) => {
    if (isFine(rule)) return [];
    return rule.to.length === 0
      ? [`NetworkPolicy ${name} lets egress[${index}] go anywhere`]
      : [`NetworkPolicy ${name} lets egress[${index}] go beyond the allow-list`];
  });
}
