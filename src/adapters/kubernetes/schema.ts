import { z } from 'zod';
import { isDigest, type Digest } from '../../domain/digest';

/** Kubernetes API 1.30 and later, Gateway API v1: the fields that are read. */

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** meta/v1 Status, the answer to what failed. */
export const Failure = z.object({
  reason: z.string().optional(),
  message: z.string().optional(),
  details: z.object({ name: z.string().optional() }).optional(),
});

const Texts = z.record(z.string(), z.string()).default({});

const ManagedFields = z.object({
  manager: z.string().default('somebody'),
  operation: z.string().optional(),
  time: z.string().optional(),
  subresource: z.string().optional(),
  fieldsV1: z.record(z.string(), z.unknown()).default({}),
});
export type ManagedFields = z.infer<typeof ManagedFields>;

const Meta = z.object({
  name: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.int().default(0),
  labels: Texts,
  annotations: Texts,
  managedFields: z.array(ManagedFields).default([]),
  deletionTimestamp: z.string().optional(),
});
export type Meta = z.infer<typeof Meta>;

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
  observedGeneration: z.int().optional(),
  lastTransitionTime: z.string().nullish(),
});
export type Condition = z.infer<typeof Condition>;

const Conditions = z.array(Condition).default([]);

/** What a write answers when only its success matters. */
export const Written = z.object({ metadata: Meta });

const Container = z.object({
  name: z.string(),
  image: z.string().default(''),
  command: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  env: z.array(z.object({ name: z.string() })).default([]),
  securityContext: z.object({ privileged: z.boolean().default(false) }).optional(),
  readinessProbe: z
    .object({ httpGet: z.object({ path: z.string().default('/') }).optional() })
    .optional(),
});

const PodSpec = z.object({
  containers: z.array(Container),
  initContainers: z.array(z.object({ name: z.string() })).default([]),
  hostNetwork: z.boolean().default(false),
  hostPID: z.boolean().default(false),
  hostIPC: z.boolean().default(false),
});

export const Deployment = z.object({
  metadata: Meta,
  spec: z.object({
    replicas: z.int().default(1),
    template: z.object({ spec: PodSpec }),
  }),
  status: z
    .object({
      observedGeneration: z.int().default(0),
      replicas: z.int().default(0),
      updatedReplicas: z.int().default(0),
      availableReplicas: z.int().default(0),
      conditions: Conditions,
    })
    .prefault({}),
});
export type Deployment = z.infer<typeof Deployment>;

export const DeploymentList = z.object({
  /** Where the next page begins; empty on the last. */
  metadata: z.object({ continue: z.string().default('') }).prefault({}),
  items: z.array(Deployment),
});

export const Service = z.object({
  metadata: Meta,
  spec: z.object({
    selector: Texts,
    ports: z
      .array(z.object({ port: z.int(), targetPort: z.union([z.string(), z.int()]).optional() }))
      .default([]),
  }),
});
export type Service = z.infer<typeof Service>;

const BackendRef = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  filters: z.array(z.unknown()).optional(),
  port: z.int().optional(),
  weight: z.int().default(1),
});

export const HttpRoute = z.object({
  metadata: Meta,
  spec: z.object({
    hostnames: z.array(z.string()).default([]),
    parentRefs: z
      .array(z.object({ name: z.string(), namespace: z.string().optional() }))
      .default([]),
    rules: z
      .array(
        // Loose: what somebody added beside these is seen by its name.
        z.looseObject({
          matches: z.unknown().optional(),
          backendRefs: z.array(BackendRef).default([]),
        }),
      )
      .default([]),
  }),
  status: z
    .object({
      parents: z
        .array(
          z.object({
            parentRef: z.object({ name: z.string(), namespace: z.string().optional() }),
            conditions: Conditions,
          }),
        )
        .default([]),
    })
    .prefault({}),
});
export type HttpRoute = z.infer<typeof HttpRoute>;

const ContainerState = z.object({
  waiting: z.object({ reason: z.string().default(''), message: z.string().default('') }).optional(),
  terminated: z
    .object({
      exitCode: z.int(),
      reason: z.string().default(''),
      message: z.string().default(''),
      finishedAt: z.string().nullish(),
    })
    .optional(),
});

const ContainerStatus = z.object({
  name: z.string(),
  ready: z.boolean().default(false),
  restartCount: z.int().default(0),
  state: ContainerState.prefault({}),
  lastState: ContainerState.prefault({}),
});
export type ContainerStatus = z.infer<typeof ContainerStatus>;

export const Pod = z.object({
  metadata: z.object({
    name: z.string(),
    creationTimestamp: z.string().default(''),
    deletionTimestamp: z.string().nullish(),
  }),
  status: z
    .object({
      phase: z.string().default(''),
      reason: z.string().default(''),
      message: z.string().default(''),
      conditions: Conditions,
      containerStatuses: z.array(ContainerStatus).default([]),
    })
    .prefault({}),
});
export type Pod = z.infer<typeof Pod>;

export const PodList = z.object({ items: z.array(Pod) });

/** core/v1 Event. */
export const EventList = z.object({
  items: z.array(z.object({ reason: z.string().default(''), message: z.string().default('') })),
});

const DigestText = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value));

/** An image as placed: enough to start it again and to know it when it is seen. */
export const Placed = z.object({
  repository: z.string(),
  digest: DigestText,
  healthPath: z.string(),
});
export type Placed = z.infer<typeof Placed>;

/** Value of the annotation `plura.reg/state`. */
export const StoredPlacement = z.object({
  stable: Placed.nullable(),
  candidate: Placed.nullable(),
  /** The write that started it. */
  candidateEpoch: z.int().min(0),
  percent: z.int().min(0).max(100),
  /** Former stables that keep running without traffic, newest first. */
  warm: z.array(Placed).max(10),
});
export type StoredPlacement = z.infer<typeof StoredPlacement>;

/** Argo Rollouts, argoproj.io/v1alpha1. */
export const ArgoRollout = z.object({
  metadata: Meta,
  spec: z.object({
    replicas: z.int().default(1),
    paused: z.boolean().default(false),
    /** Absent where the Rollout refers to a Deployment (`workloadRef`). */
    template: z.object({ spec: z.object({ containers: z.array(Container) }) }).optional(),
    strategy: z
      .object({
        canary: z
          .object({
            canaryService: z.string().optional(),
            stableService: z.string().optional(),
            trafficRouting: z.unknown().optional(),
            steps: z.array(z.unknown()).default([]),
          })
          .optional(),
      })
      .prefault({}),
  }),
  status: z
    .object({
      phase: z.string().default(''),
      message: z.string().default(''),
      /** A number, as text. */
      observedGeneration: z.string().default(''),
      currentPodHash: z.string().default(''),
      stableRS: z.string().default(''),
      controllerPause: z.boolean().default(false),
      pauseConditions: z.array(z.unknown()).nullish(),
      canary: z
        .object({
          weights: z.object({ canary: z.object({ weight: z.int() }).optional() }).nullish(),
        })
        .prefault({}),
    })
    .prefault({}),
});
export type ArgoRollout = z.infer<typeof ArgoRollout>;
