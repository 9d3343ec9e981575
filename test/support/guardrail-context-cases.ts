import {
  annotated,
  APPARMOR,
  CASE_IMAGE,
  context,
  GOOD_CONTEXT,
  GOOD_POD_CONTEXT,
  goodContainer,
  goodSpec,
  pod,
  SAYS_NOTHING,
  withContainer,
  withContext,
  withPodContext,
} from './guardrail-builders';

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

/** Of who a pod runs as, and what it may do. */
export const CONTEXT_CASES = [
  ...IDENTITY_CASES,
  ...CONFINEMENT_CASES,
  ...PRIVILEGE_CASES,
  ...WINDOWS_CASES,
];
