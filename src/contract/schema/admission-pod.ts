import { z } from 'zod';
import type {
  Container as JudgedContainer,
  PodSpec as JudgedPodSpec,
  Volume as JudgedVolume,
} from '../../domain/admission/pod-spec';
import {
  POD_SPEC_PATHS,
  templatePlaceOf,
  type PodTemplate,
  type TemplatePlace,
} from '../../domain/admission/workload';

/**
 * Pods and what makes pods (core/v1, apps/v1, batch/v1, argoproj.io/v1alpha1): the fields that are judged. Others pass, since
 * a later API has more of them; null is absent, as the API has it.
 */

/** Filled up by hand, at the end of each object: a transformation at each of a hundred fields took a tenth of a review. */
const list = <T extends z.ZodType>(item: T): z.ZodOptional<z.ZodNullable<z.ZodArray<T>>> =>
  z.array(item).nullish();

const Flag = z.boolean().nullish();
const Text = z.string().nullish();
const Named = z.object({ name: Text });

const Texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((given) => given ?? {});

const Quantities = z
  .record(z.string(), z.union([z.string(), z.number()]))
  .nullish()
  .transform((given) =>
    Object.fromEntries(Object.entries(given ?? {}).map(([name, one]) => [name, String(one)])),
  );

const Resources = z.object({ requests: Quantities, limits: Quantities }).nullish();

const Profile = z.object({ type: z.string() }).nullish();

const shared = {
  runAsNonRoot: Flag,
  runAsUser: z.number().nullish(),
  seccompProfile: Profile,
  appArmorProfile: Profile,
  windowsOptions: z.object({ hostProcess: Flag }).nullish(),
};

const PodContext = z.object(shared);

const ContainerContext = z.object({
  ...shared,
  privileged: Flag,
  allowPrivilegeEscalation: Flag,
  readOnlyRootFilesystem: Flag,
  capabilities: z.object({ add: list(z.string()), drop: list(z.string()) }).nullish(),
});

type Maybe<T extends z.ZodType> = z.output<T> | null | undefined;

function resourcesOf(given: z.output<typeof Resources>): JudgedContainer['resources'] {
  return given ?? { requests: {}, limits: {} };
}

function contextOf(given: Maybe<typeof PodContext>): JudgedPodSpec['securityContext'] {
  return {
    runAsNonRoot: given?.runAsNonRoot ?? null,
    runAsUser: given?.runAsUser ?? null,
    seccompProfile: given?.seccompProfile?.type ?? null,
    appArmorProfile: given?.appArmorProfile?.type ?? null,
    hostProcess: given?.windowsOptions?.hostProcess ?? null,
  };
}

function containerContextOf(
  given: Maybe<typeof ContainerContext>,
): JudgedContainer['securityContext'] {
  return {
    ...contextOf(given),
    privileged: given?.privileged ?? null,
    allowPrivilegeEscalation: given?.allowPrivilegeEscalation ?? null,
    readOnlyRootFilesystem: given?.readOnlyRootFilesystem ?? null,
    capabilities: {
      add: given?.capabilities?.add ?? [],
      drop: given?.capabilities?.drop ?? [],
    },
  };
}

const Container = z
  .object({
    name: Text,
    image: Text,
    ports: list(z.object({ hostPort: z.number().nullish() })),
    resources: Resources,
    securityContext: ContainerContext.nullish(),
    volumeMounts: list(Named),
  })
  .transform(({ name, image, ports, resources, securityContext, volumeMounts }) => ({
    name: name ?? '',
    image: image ?? '',
    ports: (ports ?? []).map(({ hostPort }) => ({ hostPort: hostPort ?? 0 })),
    resources: resourcesOf(resources),
    securityContext: containerContextOf(securityContext),
    volumeMounts: (volumeMounts ?? []).map((mount) => ({ name: mount.name ?? '' })),
  })) satisfies z.ZodType<JudgedContainer>;

const Volume = z
  .object({
    name: Text,
    image: z.object({ reference: Text }).nullish(),
    hostPath: z.object({}).nullish(),
    csi: z.object({ driver: Text }).nullish(),
  })
  .transform(({ name, image, hostPath, csi }) => ({
    name: name ?? '',
    image: image ? (image.reference ?? '') : null,
    hostPath: Boolean(hostPath),
    csiDriver: csi ? (csi.driver ?? '') : null,
  })) satisfies z.ZodType<JudgedVolume>;

const PodSpec = z
  .object({
    containers: list(Container),
    initContainers: list(Container),
    ephemeralContainers: list(Container),
    volumes: list(Volume),
    securityContext: PodContext.nullish(),
    resources: Resources,
    os: Named.nullish(),
    hostNetwork: Flag,
    hostPID: Flag,
    hostIPC: Flag,
  })
  .transform((spec) => ({
    containers: spec.containers ?? [],
    initContainers: spec.initContainers ?? [],
    ephemeralContainers: spec.ephemeralContainers ?? [],
    volumes: spec.volumes ?? [],
    securityContext: contextOf(spec.securityContext),
    resources: resourcesOf(spec.resources),
    os: spec.os ? (spec.os.name ?? '') : null,
    hostNetwork: spec.hostNetwork ?? false,
    hostPID: spec.hostPID ?? false,
    hostIPC: spec.hostIPC ?? false,
  })) satisfies z.ZodType<JudgedPodSpec>;

const Metadata = z.object({ labels: Texts, annotations: Texts }).nullish();

const Template = z
  .object({ metadata: Metadata, spec: PodSpec })
  .transform(({ metadata, spec }) => ({
    labels: metadata?.labels ?? {},
    annotations: metadata?.annotations ?? {},
    spec,
  }));
type Template = z.infer<typeof Template>;

/** A Rollout that borrows the template of a Deployment (`workloadRef`) has none of its own. */
const Holder = z
  .object({ template: Template.nullish() })
  .transform(({ template }): Template | null => template ?? null);

const OBJECTS: Readonly<Record<TemplatePlace, z.ZodType<Template | null>>> = {
  pod: Template,
  workload: z.object({ spec: Holder }).transform(({ spec }) => spec),
  'cron-job': z
    .object({ spec: z.object({ jobTemplate: z.object({ spec: Holder }) }) })
    .transform(({ spec }) => spec.jobTemplate.spec),
  'pod-template': Holder,
};

const ObjectType = z.object({ apiVersion: z.string(), kind: z.string() });

/**
 * The pods that an object of the API makes, or the pod that it is; null for one that makes none.
 *
 * @throws ZodError with the path in the object, when a field that is judged is of another type than the API says
 */
export function podTemplateOf(object: unknown): PodTemplate | null {
  const place = templatePlaceOf(ObjectType.parse(object));
  if (place === null) return null;
  const template = OBJECTS[place].parse(object);
  return template && { path: POD_SPEC_PATHS[place], ...template };
}
