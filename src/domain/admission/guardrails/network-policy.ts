import type { LabelSelector } from './label-selector';

/** What a networking.k8s.io/v1 NetworkPolicy says about the traffic that leaves a pod. */
export interface NetworkPolicy {
  readonly name: string;
  readonly podSelector: LabelSelector;
  /** Whether `Egress` is one of its policyTypes, said or understood. */
  readonly limitsEgress: boolean;
  readonly egress: readonly EgressRule[];
}

/** No peer is any destination, no port is any port. */
export interface EgressRule {
  readonly to: readonly EgressPeer[];
  readonly ports: readonly EgressPort[];
}

export interface EgressPeer {
  /** `ipBlock.cidr`. */
  readonly cidr: string | null;
  /** Null together with a podSelector: the policy's own namespace. */
  readonly namespaceSelector: LabelSelector | null;
  /** Null: every pod of the namespaces. */
  readonly podSelector: LabelSelector | null;
}

export interface EgressPort {
  readonly protocol: string;
  /** A number, the name of a port of the destination, or null for any. */
  readonly port: number | string | null;
  /** The last one of a range that begins at `port`. */
  readonly endPort: number | null;
}
