import type { Labels } from '../labels';
import type { PodSpec } from './pod-spec';

/** The pods that an object makes, or the pod that it is. */
export interface PodTemplate {
  /** JSON pointer (RFC 6901) of the pod spec in the object, e.g. `/spec/template/spec`. */
  readonly path: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly spec: PodSpec;
}

/** Where an object keeps its pod template. */
export type TemplatePlace = 'pod' | 'workload' | 'cron-job' | 'pod-template';

/** JSON pointers of the pod spec. */
export const POD_SPEC_PATHS = {
  pod: '/spec',
  workload: '/spec/template/spec',
  'cron-job': '/spec/jobTemplate/spec/template/spec',
  'pod-template': '/template/spec',
} as const satisfies Record<TemplatePlace, string>;

const PLACES: ReadonlyMap<string, TemplatePlace> = new Map([
  ['Pod', 'pod'],
  ['ReplicationController', 'workload'],
  ['PodTemplate', 'pod-template'],
  ['apps/Deployment', 'workload'],
  ['apps/ReplicaSet', 'workload'],
  ['apps/StatefulSet', 'workload'],
  ['apps/DaemonSet', 'workload'],
  ['batch/Job', 'workload'],
  ['batch/CronJob', 'cron-job'],
  ['argoproj.io/Rollout', 'workload'],
]);

export interface ObjectType {
  /** `apps/v1`; the core group has no slash. */
  readonly apiVersion: string;
  readonly kind: string;
}

/** Null: an object of this type makes no pods that we know of. Any version of an API group is taken. */
export function templatePlaceOf({ apiVersion, kind }: ObjectType): TemplatePlace | null {
  const slash = apiVersion.lastIndexOf('/');
  const group = slash < 0 ? '' : `${apiVersion.slice(0, slash)}/`;
  return PLACES.get(`${group}${kind}`) ?? null;
}

/** One step of a JSON pointer (RFC 6901, section 3). */
function escapeStep(step: string | number): string {
  return String(step).replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Of a field of the pod spec. */
export function specPointer(
  { path }: Pick<PodTemplate, 'path'>,
  ...steps: readonly (string | number)[]
): string {
  return [path, ...steps.map(escapeStep)].join('/');
}

/** Of a field of the metadata that stand beside the pod spec. */
export function metadataPointer(
  { path }: Pick<PodTemplate, 'path'>,
  ...steps: readonly (string | number)[]
): string {
  const parent = path.slice(0, path.lastIndexOf('/'));
  return [parent, 'metadata', ...steps.map(escapeStep)].join('/');
}
