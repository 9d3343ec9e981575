import type { Environment } from '../../domain/reference';
import type { Track } from '../../ports/rollout';
import type { ClusterAccess } from './cluster-access';

/** What the targets in a cluster have in common. */
export interface ClusterTargetOptions {
  readonly access: ClusterAccess;
  /** Of one call to the API server. */
  readonly timeoutMs: number;
  /** Where each environment runs. */
  readonly namespaces: Readonly<Record<Environment, string>>;
  /** Base URL of a service by environment, `{svc}` stands for its name: `https://{svc}.stg.example.com`. */
  readonly urls: Readonly<Record<Environment, string>>;
  /** `host[:port]` by which the nodes pull. */
  readonly registryHost: string;
  /** How often a wait looks. */
  readonly pollMs: number;
  /** What was done beside the answer and somebody should know: drift put right, leftovers that stay. */
  readonly onNotice: (
    notice: string,
    at: { readonly svc: string; readonly env: Environment },
  ) => void;
}

export interface KubernetesOptions extends ClusterTargetOptions {
  /** The Gateway that the routes attach to. */
  readonly gateway: { readonly name: string; readonly namespace: string };
  /** How long the gateway may take to take a changed route over; 0 does not wait for it. */
  readonly gatewayTimeoutMs: number;
  /** Pods of each track. A track that an autoscaler has scaled keeps its size. */
  readonly replicas: number;
  /** Former stables that keep running without traffic. */
  readonly maxWarm: number;
  /** Port that the containers listen on, given to them as PORT. */
  readonly port: number;
  /** `resources` of the container, as Kubernetes takes them. */
  readonly resources: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** AppArmor profile of the pods; null on nodes that have no AppArmor, whose kubelet refuses a pod with a profile. */
  readonly appArmorProfile: 'RuntimeDefault' | null;
  /** Secret with the registry login, in each namespace. */
  readonly imagePullSecret: string | null;
  /** Request header that tells a pod which version it was asked as; null sets none. */
  readonly versionHeader: string | null;
}

export interface ArgoOptions extends ClusterTargetOptions {
  /** Container whose image is set; null = the first one. */
  readonly container: string | null;
  /** The Rollout's Services, `{svc}` stands for its name: what metrics tell versions apart by. */
  readonly services: Readonly<Record<Track, string>>;
  /** Port of the Rollout's stable and canary Services. */
  readonly servicePort: number;
  /** Pods of a candidate whose share of the traffic is smaller, in percent of the Rollout's replicas. */
  readonly minScalePercent: number;
  /** How long Argo may take to follow what is not a start. */
  readonly settleTimeoutMs: number;
}
