import type { NetworkPolicy } from '../../../src/domain/admission/guardrails/network-policy';
import type { NetworkPolicies } from '../../../src/ports/network-policies';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeNetworkPolicies extends NetworkPolicies, CallFaults {
  /** By namespace. */
  readonly policies: Map<string, readonly NetworkPolicy[]>;
}

/** The policies of a cluster in memory. */
export function createFakeNetworkPolicies(): FakeNetworkPolicies {
  const policies = new Map<string, readonly NetworkPolicy[]>();
  return withCallFaults({
    policies,
    list: (namespace: string) => Promise.resolve(policies.get(namespace) ?? []),
  });
}
