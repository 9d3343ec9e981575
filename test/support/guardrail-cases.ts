import type { GuardrailConfig, Mode, RuleId } from '../../src/domain/admission/guardrails/config';
import { DEFAULT_GUARDRAILS, everyRule } from '../../src/domain/admission/guardrails/defaults';

/** Something of an object as the API has it, before anybody has read it. */
export type Raw = Readonly<Record<string, unknown>>;

export type WorkloadKind =
  | 'Pod'
  | 'PodTemplate'
  | 'ReplicationController'
  | 'Deployment'
  | 'ReplicaSet'
  | 'StatefulSet'
  | 'DaemonSet'
  | 'Job'
  | 'CronJob'
  | 'Rollout';

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

/** Every rule warns, since an API server tells of each warning, but only of the first refusal; and other modes elsewhere. */
export const CASES_CONFIG: GuardrailConfig = {
  ...DEFAULT_GUARDRAILS,
  modes: everyRule('warn'),
  overrides: [
    ...DEFAULT_GUARDRAILS.overrides,
    { namespaces: ['*-prod'], modes: everyRule('enforce') },
    { namespaces: ['lab-*'], modes: everyRule('audit') },
    { namespaces: ['lab-open'], modes: everyRule('off') },
  ],
};

/** Where CASES_CONFIG has which mode. */
export const MODE_CASES = [
  ['shop', 'warn'],
  ['shop-prod', 'enforce'],
  ['prod-shop', 'warn'],
  ['lab-a', 'audit'],
  ['lab-prod', 'enforce'],
  ['lab-open', 'off'],
  ['kube-system', 'off'],
] as const satisfies readonly (readonly [string, Mode])[];

const GOOD_CONTEXT = {
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};
const GOOD_POD_CONTEXT = {
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
  appArmorProfile: { type: 'RuntimeDefault' },
};
const GOOD_ANNOTATIONS = {
  'plura.reg/spiffe-id': 'spiffe://cluster.local/ns/shop/sa/web',
  'plura.reg/mtls': 'strict',
};
const GOOD_RESOURCES = {
  requests: { cpu: '100m', memory: '64Mi' },
  limits: { cpu: '500m', memory: '64Mi' },
};
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io';

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

const context = (over: Raw): Raw => ({ securityContext: { ...GOOD_CONTEXT, ...over } });
const withContainer = (over: Raw): Raw => goodSpec({ containers: [goodContainer(over)] });
const withContext = (over: Raw): Raw => withContainer(context(over));
const withPodContext = (over: Raw): Raw =>
  goodSpec({ securityContext: { ...GOOD_POD_CONTEXT, ...over } });
const annotated = (over: Raw): Raw =>
  goodMetadata({ annotations: { ...GOOD_ANNOTATIONS, ...over } });

/** What a container must say for itself. */
const SAYS_NOTHING: readonly RuleId[] = [
  'read-only-root',
  'no-privilege-escalation',
  'capabilities',
];

/** Of a pod in a namespace like any other. */
function pod(
  name: string,
  breached: readonly RuleId[],
  spec: Raw,
  more: Partial<GuardrailCase> = {},
): GuardrailCase {
  return { name, namespace: 'shop', metadata: goodMetadata(), spec, breached, ...more };
}

const RESOURCE_CASES = [
  pod('nothing is wrong', [], goodSpec()),
  pod('no resources', ['requests-and-limits'], withContainer({ resources: {} })),
  pod(
    'requests without limits',
    ['requests-and-limits'],
    withContainer({ resources: { requests: GOOD_RESOURCES.requests } }),
  ),
  pod(
    'limits alone, which are requests too',
    [],
    withContainer({ resources: { limits: { cpu: 1, memory: '64Mi' } } }),
  ),
  pod(
    'no limit of memory',
    ['requests-and-limits'],
    withContainer({ resources: { ...GOOD_RESOURCES, limits: { cpu: '500m' } } }),
  ),
  pod(
    'a limit of nothing',
    ['requests-and-limits'],
    withContainer({
      resources: { requests: { cpu: '100m' }, limits: { cpu: '500m', memory: '0' } },
    }),
  ),
  pod(
    'a request of nothing',
    ['requests-and-limits'],
    withContainer({
      resources: { ...GOOD_RESOURCES, requests: { cpu: '0', memory: '64Mi' } },
    }),
  ),
  pod(
    'resources of the whole pod',
    [],
    goodSpec({ resources: GOOD_RESOURCES, containers: [goodContainer({ resources: {} })] }),
  ),
  pod(
    'an init container without resources',
    ['requests-and-limits'],
    goodSpec({ initContainers: [goodContainer({ name: 'init', resources: {} })] }),
  ),
  pod(
    'a sidecar without limits',
    ['requests-and-limits'],
    goodSpec({
      initContainers: [
        goodContainer({
          name: 'proxy',
          restartPolicy: 'Always',
          resources: { requests: GOOD_RESOURCES.requests },
        }),
      ],
    }),
  ),
  pod('an ephemeral container has no resources', [], goodSpec(), {
    ephemeral: { name: 'debug', image: CASE_IMAGE, securityContext: GOOD_CONTEXT },
  }),
];

const IDENTITY_CASES = [
  pod(
    'root file system is writable',
    ['read-only-root'],
    withContext({ readOnlyRootFilesystem: false }),
  ),
  pod(
    'root file system is not spoken of',
    ['read-only-root'],
    withContainer({ securityContext: { ...GOOD_CONTEXT, readOnlyRootFilesystem: undefined } }),
  ),
  pod(
    'one container of two is writable',
    ['read-only-root'],
    goodSpec({
      containers: [
        goodContainer(),
        goodContainer({ name: 'second', ...context({ readOnlyRootFilesystem: false }) }),
      ],
    }),
  ),
  pod('an ephemeral container is writable', ['read-only-root'], goodSpec(), {
    ephemeral: {
      name: 'debug',
      image: CASE_IMAGE,
      ...context({ readOnlyRootFilesystem: false }),
    },
  }),
  pod('an ephemeral container says nothing', SAYS_NOTHING, goodSpec(), {
    ephemeral: { name: 'debug', image: CASE_IMAGE },
  }),
  pod('nobody speaks of root', ['run-as-non-root'], withPodContext({ runAsNonRoot: undefined })),
  pod(
    'the container takes back what the pod says of root',
    ['run-as-non-root'],
    withContext({ runAsNonRoot: false }),
  ),
  pod(
    'the container alone speaks of root',
    [],
    goodSpec({
      securityContext: { ...GOOD_POD_CONTEXT, runAsNonRoot: undefined },
      containers: [goodContainer(context({ runAsNonRoot: true }))],
    }),
  ),
  pod('user 0 of the pod', ['run-as-non-root'], withPodContext({ runAsUser: 0 })),
  pod('user 0 of the container', ['run-as-non-root'], withContext({ runAsUser: 0 })),
  pod(
    'user 0 of the pod, another one of the container',
    [],
    goodSpec({
      securityContext: { ...GOOD_POD_CONTEXT, runAsUser: 0 },
      containers: [goodContainer(context({ runAsUser: 1000 }))],
    }),
  ),
  pod(
    'an init container as root',
    ['run-as-non-root'],
    goodSpec({
      initContainers: [goodContainer({ name: 'init', ...context({ runAsUser: 0 }) })],
    }),
  ),
];

const CONFINEMENT_CASES = [
  pod('no seccomp profile', ['seccomp'], withPodContext({ seccompProfile: undefined })),
  pod(
    'seccomp Unconfined',
    ['seccomp'],
    withPodContext({ seccompProfile: { type: 'Unconfined' } }),
  ),
  pod(
    'the container undoes seccomp',
    ['seccomp'],
    withContext({ seccompProfile: { type: 'Unconfined' } }),
  ),
  pod(
    'seccomp of the container alone',
    [],
    goodSpec({
      securityContext: { ...GOOD_POD_CONTEXT, seccompProfile: { type: 'Unconfined' } },
      containers: [goodContainer(context({ seccompProfile: { type: 'RuntimeDefault' } }))],
    }),
  ),
  pod(
    'seccomp Localhost',
    [],
    withPodContext({ seccompProfile: { type: 'Localhost', localhostProfile: 'web.json' } }),
  ),
  pod('no AppArmor profile', ['apparmor'], withPodContext({ appArmorProfile: undefined })),
  pod(
    'AppArmor Unconfined',
    ['apparmor'],
    withPodContext({ appArmorProfile: { type: 'Unconfined' } }),
  ),
  pod(
    'AppArmor of the container alone',
    [],
    goodSpec({
      securityContext: { ...GOOD_POD_CONTEXT, appArmorProfile: undefined },
      containers: [
        goodContainer(context({ appArmorProfile: { type: 'Localhost', localhostProfile: 'web' } })),
      ],
    }),
  ),
  pod('AppArmor by the annotation of old', [], withPodContext({ appArmorProfile: undefined }), {
    metadata: annotated({ [`${APPARMOR}/web`]: 'runtime/default' }),
  }),
  pod(
    'AppArmor of a file of the node, by the annotation of old',
    [],
    withPodContext({ appArmorProfile: undefined }),
    { metadata: annotated({ [`${APPARMOR}/web`]: 'localhost/web' }) },
  ),
  pod(
    'the annotation of old undoes AppArmor',
    ['apparmor'],
    withPodContext({ appArmorProfile: undefined }),
    { metadata: annotated({ [`${APPARMOR}/web`]: 'unconfined' }) },
  ),
  pod(
    'AppArmor for one container of two',
    ['apparmor'],
    goodSpec({
      securityContext: { ...GOOD_POD_CONTEXT, appArmorProfile: undefined },
      containers: [
        goodContainer(context({ appArmorProfile: { type: 'RuntimeDefault' } })),
        goodContainer({ name: 'second' }),
      ],
    }),
  ),
];

const PRIVILEGE_CASES = [
  pod(
    'privileges may be gained',
    ['no-privilege-escalation'],
    withContext({ allowPrivilegeEscalation: true }),
  ),
  pod(
    'privileges are not spoken of',
    ['no-privilege-escalation'],
    withContext({ allowPrivilegeEscalation: undefined }),
  ),
  pod(
    'privileged',
    ['no-privilege-escalation', 'privileged'],
    withContext({ privileged: true, allowPrivilegeEscalation: true }),
  ),
  pod('no capability is dropped', ['capabilities'], withContext({ capabilities: {} })),
  pod(
    'not all capabilities are dropped',
    ['capabilities'],
    withContext({ capabilities: { drop: ['NET_RAW'] } }),
  ),
  pod(
    'a capability of the list is added',
    [],
    withContext({ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } }),
  ),
  pod(
    'a capability beyond the list is added',
    ['capabilities'],
    withContext({ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE', 'NET_ADMIN'] } }),
  ),
  pod('no context at all', SAYS_NOTHING, withContainer({ securityContext: undefined })),
  pod('the network of the node', ['host-namespaces'], goodSpec({ hostNetwork: true })),
  pod('the processes of the node', ['host-namespaces'], goodSpec({ hostPID: true })),
  pod('the memory of the node', ['host-namespaces'], goodSpec({ hostIPC: true })),
  pod(
    'a path of the node',
    ['host-namespaces'],
    goodSpec({ volumes: [{ name: 'run', hostPath: { path: '/run' } }] }),
  ),
  pod(
    'a port of the node',
    ['host-namespaces'],
    withContainer({ ports: [{ containerPort: 8080, hostPort: 8080 }] }),
  ),
  pod(
    'ports and volumes of its own',
    [],
    goodSpec({
      volumes: [{ name: 'tmp', emptyDir: {} }],
      containers: [
        goodContainer({
          ports: [{ containerPort: 8080 }],
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        }),
      ],
    }),
  ),
];

const WINDOWS = {
  os: { name: 'windows' },
  securityContext: { runAsNonRoot: true },
  containers: [goodContainer({ securityContext: undefined })],
};

const WINDOWS_CASES = [
  pod('Windows has no fields of Linux', [], WINDOWS),
  pod('Windows as administrator', ['run-as-non-root'], { ...WINDOWS, securityContext: {} }),
  pod('a HostProcess container', ['privileged', 'host-namespaces'], {
    ...WINDOWS,
    hostNetwork: true,
    securityContext: { runAsNonRoot: true, windowsOptions: { hostProcess: true } },
  }),
];

const CSI_VOLUME = { name: 'identity', csi: { driver: 'csi.spiffe.io', readOnly: true } };
const MTLS_ALONE = goodMetadata({ annotations: { 'plura.reg/mtls': 'strict' } });

const MESH_CASES = [
  pod('no identity', ['spiffe-identity'], goodSpec(), { metadata: MTLS_ALONE }),
  ...[
    'spiffe://elsewhere.example/ns/shop/sa/web',
    'spiffe://cluster.local',
    'spiffe://cluster.local/',
    'spiffe://cluster.local/ns//web',
    'spiffe://cluster.local/ns/../web',
    'spiffe://clusterxlocal/ns/shop',
    'SPIFFE://cluster.local/ns/shop',
    'spiffe://cluster.local/ns/shop?x',
  ].map((id) =>
    pod(`an identity that is none: ${id}`, ['spiffe-identity'], goodSpec(), {
      metadata: annotated({ 'plura.reg/spiffe-id': id }),
    }),
  ),
  pod(
    'an identity by a mounted volume',
    [],
    goodSpec({
      volumes: [CSI_VOLUME],
      containers: [goodContainer({ volumeMounts: [{ name: 'identity', mountPath: '/identity' }] })],
    }),
    { metadata: MTLS_ALONE },
  ),
  pod(
    'the volume of an identity that nobody mounts',
    ['spiffe-identity'],
    goodSpec({ volumes: [CSI_VOLUME] }),
    { metadata: MTLS_ALONE },
  ),
  pod('an identity by the label of SPIRE', [], goodSpec(), {
    metadata: {
      ...MTLS_ALONE,
      labels: { app: 'web', 'spiffe.io/spire-managed-identity': 'true' },
    },
  }),
  pod('mutual TLS is not spoken of', ['mtls-mode'], goodSpec(), {
    metadata: annotated({ 'plura.reg/mtls': undefined }),
  }),
  pod('mutual TLS if the other side wants', ['mtls-mode'], goodSpec(), {
    metadata: annotated({ 'plura.reg/mtls': 'permissive' }),
  }),
  pod('no metadata', ['spiffe-identity', 'mtls-mode'], goodSpec(), { metadata: {} }),
];

const MAKERS = [
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

const WORKLOAD_CASES = MAKERS.flatMap((kind) => [
  pod(`a ${kind} of good pods`, [], goodSpec(), { kind }),
  pod(
    `a ${kind} of bad pods`,
    ['requests-and-limits', 'read-only-root', 'host-namespaces', 'mtls-mode'],
    {
      ...withContainer({ resources: {}, ...context({ readOnlyRootFilesystem: false }) }),
      hostPID: true,
    },
    { kind, metadata: annotated({ 'plura.reg/mtls': undefined }) },
  ),
]);

export const GUARDRAIL_CASES: readonly GuardrailCase[] = [
  ...RESOURCE_CASES,
  ...IDENTITY_CASES,
  ...CONFINEMENT_CASES,
  ...PRIVILEGE_CASES,
  ...WINDOWS_CASES,
  ...MESH_CASES,
  ...WORKLOAD_CASES,
  pod('what the cluster itself runs', [], goodSpec({ hostNetwork: true, hostPID: true }), {
    namespace: 'kube-system',
  }),
];
