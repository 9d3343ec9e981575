import type { NetworkPolicy } from '../domain/admission/guardrails/network-policy';

/** What a cluster says about the traffic that leaves pods. */
export interface NetworkPolicies {
  /**
   * Of one namespace; empty when it has none, or does not exist yet.
   *
   * @throws ReleaseError ROLLOUT_UNAVAILABLE when it could not find out
   */
  list(namespace: string): Promise<readonly NetworkPolicy[]>;
}
