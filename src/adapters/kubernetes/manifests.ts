import type { Digest } from '../../domain/digest';
import type { Environment, ServiceName } from '../../domain/reference';
import type { Manifest } from './kube-client';
import {
  ANNOTATIONS,
  digestLabel,
  LABELS,
  objectName,
  runName,
  runSelector,
  serviceLabels,
} from './names';
import type { KubernetesOptions } from './options';
import { sharesOf, type Placement } from './placement';
import type { Placed } from './schema';

export const CONTAINER = 'app';
export const SERVICE_PORT = 80;

/** Requests under way when a pod ends still get their answer, and the gateway learns of it before the port closes. */
const DRAIN_SECONDS = 5;

export interface At {
  readonly svc: ServiceName;
  readonly env: Environment;
}

export function imageOf({ repository, digest }: Placed, registryHost: string): string {
  return `${registryHost}/${repository}@${digest}`;
}

export function hostOf({ svc, env }: At, urls: KubernetesOptions['urls']): string {
  return new URL(urlOf({ svc, env }, urls)).hostname;
}

export function urlOf({ svc, env }: At, urls: KubernetesOptions['urls']): string {
  return urls[env].replaceAll('{svc}', objectName(svc));
}

export interface RunInput {
  readonly at: At;
  readonly placed: Placed;
  readonly epoch: number;
  readonly track: string;
  readonly readyTimeoutMs: number;
  readonly replicas: number;
}

function runMetadata({ at: { svc }, placed, epoch }: RunInput, labels: Manifest = {}): Manifest {
  return {
    name: runName(svc, placed.digest),
    labels: { ...serviceLabels(svc), [LABELS.digest]: digestLabel(placed.digest), ...labels },
    annotations: { [ANNOTATIONS.epoch]: String(epoch), [ANNOTATIONS.digest]: placed.digest },
  };
}

/** One digest of a service. The pods know their digest but not their track: a promotion restarts none. */
export function deploymentManifest(run: RunInput, options: KubernetesOptions): Manifest {
  const { at, placed, replicas, readyTimeoutMs } = run;
  const selector = runSelector(at.svc, placed.digest);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: runMetadata(run, { [LABELS.track]: run.track }),
    spec: {
      replicas,
      progressDeadlineSeconds: Math.max(1, Math.ceil(readyTimeoutMs / 1000)),
      revisionHistoryLimit: 1,
      selector: { matchLabels: selector },
      template: {
        metadata: {
          labels: { ...serviceLabels(at.svc), ...selector },
          annotations: { [ANNOTATIONS.digest]: placed.digest },
        },
        spec: podSpec(at.svc, placed, options),
      },
    },
  };
}

/** As closed as the local target's containers; fits the Pod Security Standard "restricted" and our own guardrails. */
function podSpec(svc: ServiceName, placed: Placed, options: KubernetesOptions): Manifest {
  const { registryHost, imagePullSecret, appArmorProfile } = options;
  return {
    automountServiceAccountToken: false,
    ...(imagePullSecret === null ? {} : { imagePullSecrets: [{ name: imagePullSecret }] }),
    securityContext: {
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
      ...(appArmorProfile === null ? {} : { appArmorProfile: { type: appArmorProfile } }),
    },
    volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '256Mi' } }],
    containers: [
      {
        name: CONTAINER,
        image: imageOf(placed, registryHost),
        ...containerSettings(svc, placed, options),
      },
    ],
  };
}

function containerSettings(
  svc: ServiceName,
  { healthPath }: Placed,
  { port, resources }: KubernetesOptions,
): Manifest {
  return {
    env: [{ name: 'PORT', value: String(port) }],
    // What a service needs beside its image is its team's: a ConfigMap and a Secret of its name, where there are any.
    envFrom: [
      { configMapRef: { name: objectName(svc), optional: true } },
      { secretRef: { name: objectName(svc), optional: true } },
    ],
    ports: [{ name: 'http', containerPort: port, protocol: 'TCP' }],
    readinessProbe: {
      httpGet: { path: healthPath, port: 'http', scheme: 'HTTP' },
      periodSeconds: 2,
      timeoutSeconds: 2,
      failureThreshold: 3,
    },
    lifecycle: { preStop: { sleep: { seconds: DRAIN_SECONDS } } },
    resources,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  };
}

/** The stable address of one digest's pods, what the route's weights name. */
export function serviceManifest(run: RunInput): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: runMetadata(run),
    spec: {
      selector: runSelector(run.at.svc, run.placed.digest),
      ports: [{ name: 'http', port: SERVICE_PORT, targetPort: 'http', protocol: 'TCP' }],
    },
  };
}

export interface BackendRef {
  readonly name: string;
  readonly port: number;
  readonly weight: number;
  readonly filters?: readonly Manifest[];
}

export function backendRefs(
  svc: ServiceName,
  placement: Placement,
  versionHeader: string | null,
): readonly BackendRef[] {
  return sharesOf(placement).map(({ digest, weight }) => ({
    name: runName(svc, digest),
    port: SERVICE_PORT,
    weight,
    ...(versionHeader === null ? {} : { filters: versionFilters(versionHeader, digest) }),
  }));
}

/** Gateway API, "HTTPRequestHeaderFilter": the pod learns as which version it was asked. */
export function versionFilters(header: string, digest: Digest): readonly Manifest[] {
  const value = digest.slice(7, 19);
  return [
    { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: header, value }] } },
  ];
}

/** All requests for the host. */
export const ROUTE_MATCHES = [{ path: { type: 'PathPrefix', value: '/' } }];

/** The one object that decides: epoch, what is placed and how requests are split change in one write. */
export function routeManifest(
  at: At,
  { epoch, ...stored }: Placement,
  { gateway, urls, versionHeader }: KubernetesOptions,
): Manifest {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: {
      name: objectName(at.svc),
      labels: serviceLabels(at.svc),
      annotations: {
        [ANNOTATIONS.epoch]: String(epoch),
        [ANNOTATIONS.state]: JSON.stringify(stored),
      },
    },
    spec: {
      parentRefs: [{ name: gateway.name, namespace: gateway.namespace }],
      hostnames: [hostOf(at, urls)],
      rules: [
        {
          matches: ROUTE_MATCHES,
          backendRefs: backendRefs(at.svc, { epoch, ...stored }, versionHeader),
        },
      ],
    },
  };
}
