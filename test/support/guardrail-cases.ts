import type { GuardrailConfig, Mode } from '../../src/domain/admission/guardrails/config';
import { DEFAULT_GUARDRAILS, everyRule } from '../../src/domain/admission/guardrails/defaults';
import {
  annotated,
  CASE_IMAGE,
  context,
  GOOD_CONTEXT,
  GOOD_RESOURCES,
  goodContainer,
  goodMetadata,
  goodSpec,
  pod,
  withContainer,
  WORKLOAD_KINDS,
  type GuardrailCase,
} from './guardrail-builders';
import { CONTEXT_CASES } from './guardrail-context-cases';

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

const MAKERS = WORKLOAD_KINDS.filter((kind) => kind !== 'Pod');

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
  ...CONTEXT_CASES,
  ...MESH_CASES,
  ...WORKLOAD_CASES,
  pod('what the cluster itself runs', [], goodSpec({ hostNetwork: true, hostPID: true }), {
    namespace: 'kube-system',
  }),
];
