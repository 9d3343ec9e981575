/**
 * The parts of core/v1 PodSpec that are judged, with lists and maps always there and null for what is not said
 * (kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1).
 */
export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
  readonly ephemeralContainers: readonly Container[];
  readonly volumes: readonly Volume[];
  readonly securityContext: SecurityContext;
  /** Of the whole pod (KEP-2837). */
  readonly resources: Resources;
  /** `spec.os.name`. */
  readonly os: string | null;
  readonly hostNetwork: boolean;
  readonly hostPID: boolean;
  readonly hostIPC: boolean;
}

export interface Container {
  readonly name: string;
  /** Empty when there is none, which the API takes in a template. */
  readonly image: string;
  readonly ports: readonly ContainerPort[];
  readonly resources: Resources;
  readonly securityContext: ContainerSecurityContext;
  readonly volumeMounts: readonly VolumeMount[];
}

export interface ContainerPort {
  /** 0 is none, as in the API. */
  readonly hostPort: number;
}

export interface VolumeMount {
  /** Of the volume. */
  readonly name: string;
}

/** Quantities as texts, by the name of the resource. */
export interface Resources {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

/** What a pod and a container may both say; what the container says counts. */
export interface SecurityContext {
  readonly runAsNonRoot: boolean | null;
  readonly runAsUser: number | null;
  /** The type of the profile. */
  readonly seccompProfile: string | null;
  /** The type of the profile. */
  readonly appArmorProfile: string | null;
  /** `windowsOptions.hostProcess`. */
  readonly hostProcess: boolean | null;
}

export interface ContainerSecurityContext extends SecurityContext {
  readonly privileged: boolean | null;
  readonly allowPrivilegeEscalation: boolean | null;
  readonly readOnlyRootFilesystem: boolean | null;
  readonly capabilities: Capabilities;
}

export interface Capabilities {
  readonly add: readonly string[];
  readonly drop: readonly string[];
}

export interface Volume {
  readonly name: string;
  /** Reference of an image that is mounted (KEP-4639); null: a volume of another kind. */
  readonly image: string | null;
  readonly hostPath: boolean;
  /** `csi.driver`. */
  readonly csiDriver: string | null;
}
