import type { EgressAllowance } from './egress-allowance';

/** In the order in which they are judged and listed. */
export const RULE_IDS = [
  'requests-and-limits',
  'read-only-root',
  'run-as-non-root',
  'seccomp',
  'apparmor',
  'no-privilege-escalation',
  'privileged',
  'capabilities',
  'host-namespaces',
  'egress-policy',
  'spiffe-identity',
  'mtls-mode',
  'config-outside-image',
] as const;
export type RuleId = (typeof RULE_IDS)[number];

/** From the strictest: refuse, tell who asks, write it down, don't look. */
export const MODES = ['enforce', 'warn', 'audit', 'off'] as const;
export type Mode = (typeof MODES)[number];

/** A label or annotation of a pod that says something by its value. */
export interface Marker {
  readonly in: 'label' | 'annotation';
  readonly name: string;
  readonly value: string;
}

export interface GuardrailSettings {
  /** Capabilities that a container may add, as the API writes them: `NET_BIND_SERVICE`. */
  readonly capabilities: { readonly add: readonly string[] };
  /** All that the NetworkPolicies of a pod may let out. */
  readonly egress: { readonly allow: readonly EgressAllowance[] };
  /** Any one of them gives a pod its identity. */
  readonly spiffe: {
    readonly trustDomains: readonly string[];
    /** Annotations that hold a SPIFFE id. */
    readonly annotations: readonly string[];
    /** What makes the cluster's registrar name the pod. */
    readonly markers: readonly Marker[];
    readonly csiDrivers: readonly string[];
  };
  /** Any one of them is enough. */
  readonly mtls: { readonly markers: readonly Marker[] };
  /** Globs (`*`) of what an image may not hold. */
  readonly image: {
    readonly forbiddenEnv: readonly string[];
    readonly forbiddenPaths: readonly string[];
  };
}

export type RuleModes = Readonly<Partial<Record<RuleId, Mode>>>;

export interface NamespaceModes {
  /** Names, and globs such as `team-*`. */
  readonly namespaces: readonly string[];
  readonly modes: RuleModes;
}

export interface GuardrailConfig extends GuardrailSettings {
  readonly modes: Readonly<Record<RuleId, Mode>>;
  readonly overrides: readonly NamespaceModes[];
}
