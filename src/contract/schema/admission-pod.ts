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

const list = <T extends z.ZodType>(item: T): z.ZodType<readonly z.output<T>[]> =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const maybe = <T extends z.ZodType>(value: T): z.ZodType<NonNullable<z.output<T>> | null> =>
  value.nullish().transform((given) => given ?? null);

/** An object that may be left out as one may leave out all its fields. */
const part = <T extends z.ZodType>(value: T): z.ZodType<z.output<T>> =>
  z.preprocess((given) => given ?? {}, value);

const Flag = z
  .boolean()
  .nullish()
  .transform((given) => given ?? false);

const Text = z
  .string()
  .nullish()
  .transform((given) => given ?? '');

const Texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((given) => given ?? {});

const Quantities = z
  .record(z.string(), z.union([z.string(), z.number().transform(String)]))
  .nullish()
  .transform((given) => given ?? {});

const Resources = part(z.object({ requests: Quantities, limits: Quantities }));

const Profile = z
  .object({ type: z.string() })
  .nullish()
  .transform((profile) => profile?.type ?? null);

const HostProcess = z
  .object({ hostProcess: maybe(z.boolean()) })
  .nullish()
  .transform((options) => options?.hostProcess ?? null);

const shared = {
  runAsNonRoot: maybe(z.boolean()),
  runAsUser: maybe(z.number()),
  seccompProfile: Profile,
  appArmorProfile: Profile,
  windowsOptions: HostProcess,
};

const PodSecurityContext = part(
  z
    .object(shared)
    .transform(({ windowsOptions, ...context }) => ({ ...context, hostProcess: windowsOptions })),
);

const ContainerSecurityContext = part(
  z
    .object({
      ...shared,
      privileged: maybe(z.boolean()),
      allowPrivilegeEscalation: maybe(z.boolean()),
      readOnlyRootFilesystem: maybe(z.boolean()),
      capabilities: part(z.object({ add: list(z.string()), drop: list(z.string()) })),
    })
    .transform(({ windowsOptions, ...context }) => ({ ...context, hostProcess: windowsOptions })),
);

const Container = z.object({
  name: Text,
  image: Text,
  ports: list(z.object({ hostPort: maybe(z.number()) })).transform((ports) =>
    ports.map(({ hostPort }) => ({ hostPort: hostPort ?? 0 })),
  ),
  resources: Resources,
  securityContext: ContainerSecurityContext,
  volumeMounts: list(z.object({ name: Text })),
}) satisfies z.ZodType<JudgedContainer>;

const Volume = z
  .object({
    name: Text,
    image: maybe(z.object({ reference: Text })),
    hostPath: maybe(z.object({})),
    csi: maybe(z.object({ driver: Text })),
  })
  .transform(({ name, image, hostPath, csi }) => ({
    name,
    image: image?.reference ?? null,
    hostPath: hostPath !== null,
    csiDriver: csi?.driver ?? null,
  })) satisfies z.ZodType<JudgedVolume>;

const PodSpec = z
  .object({
    containers: list(Container),
    initContainers: list(Container),
    ephemeralContainers: list(Container),
    volumes: list(Volume),
    securityContext: PodSecurityContext,
    resources: Resources,
    os: maybe(z.object({ name: Text })),
    hostNetwork: Flag,
    hostPID: Flag,
    hostIPC: Flag,
  })
  .transform(({ os, ...spec }) => ({
    ...spec,
    os: os?.name ?? null,
  })) satisfies z.ZodType<JudgedPodSpec>;

const Template = z
  .object({ metadata: part(z.object({ labels: Texts, annotations: Texts })), spec: PodSpec })
  .transform(({ metadata, spec }) => ({ ...metadata, spec }));
type Template = z.infer<typeof Template>;

/** A Rollout that borrows the template of a Deployment (`workloadRef`) has none of its own. */
const Holder = z
  .object({ template: maybe(Template) })
  .transform(({ template }): Template | null => template);

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
