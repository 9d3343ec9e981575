import type { RuleId } from '../../src/domain/admission/guardrails/config';

/** Something of an object as the API has it, before anybody has read it. */
export type Raw = Readonly<Record<string, unknown>>;

export const WORKLOAD_KINDS = [
  'Pod',
  'PodTemplate',
  'ReplicationController',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'Rollout',
] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/**
 * A pod and the rules that it breaches. Our rules judge it as it stands, an API server after it gave it its defaults: both must find the same.
 * All of them are pods that an API server takes.
 */
export interface GuardrailCase {
  readonly name: string;
  readonly namespace: string;
  /** What makes the pod; itself unless said. */
  readonly kind?: WorkloadKind;
  readonly metadata: Raw;
  readonly spec: Raw;
  /** Comes into a running pod by the subresource; the API refuses one in a new pod. */
  readonly ephemeral?: Raw;
  readonly breached: readonly RuleId[];
}

export const GOOD_CONTEXT = {
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};
export const GOOD_POD_CONTEXT = {
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
  appArmorProfile: { type: 'RuntimeDefault' },
};
const GOOD_ANNOTATIONS = {
  'plura.reg/spiffe-id': 'spiffe://cluster.local/ns/shop/sa/web',
  'plura.reg/mtls': 'strict',
};
export const GOOD_RESOURCES = {
  requests: { cpu: '100m', memory: '64Mi' },
  limits: { cpu: '500m', memory: '64Mi' },
};
export const APPARMOR = 'container.apparmor.security.beta.kubernetes.io';

export const CASE_IMAGE = `registry.example.com/apps/shop/web@sha256:${'a'.repeat(64)}`;

/** A container that satisfies all rules. */
export function goodContainer(over: Raw = {}): Raw {
  return {
    name: 'web',
    image: CASE_IMAGE,
    resources: GOOD_RESOURCES,
    securityContext: GOOD_CONTEXT,
    ...over,
  };
}

/** A pod spec that satisfies all rules. */
export function goodSpec(over: Raw = {}): Raw {
  return { securityContext: GOOD_POD_CONTEXT, containers: [goodContainer()], ...over };
}

/** Metadata that satisfy all rules. */
export function goodMetadata(over: Raw = {}): Raw {
  return { labels: { app: 'web' }, annotations: GOOD_ANNOTATIONS, ...over };
}

export const context = (over: Raw): Raw => ({ securityContext: { ...GOOD_CONTEXT, ...over } });
export const withContainer = (over: Raw): Raw => goodSpec({ containers: [goodContainer(over)] });
export const withContext = (over: Raw): Raw => withContainer(context(over));
export const withPodContext = (over: Raw): Raw =>
  goodSpec({ securityContext: { ...GOOD_POD_CONTEXT, ...over } });
export const annotated = (over: Raw): Raw =>
  goodMetadata({ annotations: { ...GOOD_ANNOTATIONS, ...over } });

/** What a container must say for itself. */
export const SAYS_NOTHING: readonly RuleId[] = [
  'read-only-root',
  'no-privilege-escalation',
  'capabilities',
];

/** Of a pod in a namespace like any other. */
export function pod(
  name: string,
  breached: readonly RuleId[],
  spec: Raw,
  more: Partial<GuardrailCase> = {},
): GuardrailCase {
  return { name, namespace: 'shop', metadata: goodMetadata(), spec, breached, ...more };
}
