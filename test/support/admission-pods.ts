import type { ImagePosition, PodTemplate, Workloads } from '../../src/admission/dependencies';
import type { AdmissionRequest } from '../../src/contract/schema/admission-review';
import { ReleaseError } from '../../src/contract/errors';

interface Container {
  readonly name: string;
  readonly image: string;
}

interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly ephemeralContainers?: readonly Container[];
  readonly volumes?: readonly {
    readonly name: string;
    readonly image?: { readonly reference: string };
  }[];
}

interface Template extends PodTemplate {
  readonly spec: PodSpec;
}

const LISTS = [
  ['containers', 'container'],
  ['initContainers', 'init'],
  ['ephemeralContainers', 'ephemeral'],
] as const;

type Metadata = Partial<Pick<PodTemplate, 'labels' | 'annotations'>>;

function templateOf(path: string, metadata: Metadata | undefined, spec: PodSpec): Template {
  const { labels = {}, annotations = {} } = metadata ?? {};
  return { path, labels, annotations, spec };
}

function imagesOf(template: PodTemplate): readonly ImagePosition[] {
  const { path, spec } = template as Template;
  return [
    ...LISTS.flatMap(([list, kind]) =>
      (spec[list] ?? []).map(({ name, image }, index) => ({
        pointer: `${path}/${list}/${index}/image`,
        kind,
        name,
        image,
      })),
    ),
    ...(spec.volumes ?? []).flatMap(({ name, image }, index) =>
      image
        ? [
            {
              pointer: `${path}/volumes/${index}/image/reference`,
              kind: 'volume' as const,
              name,
              image: image.reference,
            },
          ]
        : [],
    ),
  ];
}

/** The part of the readers of workloads that reviews need, for Pods and Deployments. */
export const readPods: Pick<Workloads, 'podTemplateOf' | 'imagesOf'> = {
  podTemplateOf: (object) => {
    const { kind, metadata, spec } = object as {
      kind: string;
      metadata?: Metadata;
      spec: PodSpec & { template: { metadata?: Metadata; spec: PodSpec } };
    };
    if (kind === 'Pod') {
      if (!Array.isArray(spec.containers)) {
        throw new ReleaseError('INVALID_INPUT', '/spec/containers: is not a list');
      }
      return templateOf('/spec', metadata, spec);
    }
    if (kind !== 'Deployment') return null;
    return templateOf('/spec/template/spec', spec.template.metadata, spec.template.spec);
  },
  imagesOf,
};

export function pod(spec: PodSpec, metadata: object = {}): Readonly<Record<string, unknown>> {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'shop', ...metadata }, spec };
}

/** A pod of one container. */
export function podOf(image: string, metadata: object = {}): Readonly<Record<string, unknown>> {
  return pod({ containers: [{ name: 'web', image }] }, metadata);
}

export function deploymentOf(
  image: string,
  over: { readonly replicas?: number; readonly labels?: object } = {},
): Readonly<Record<string, unknown>> {
  const { replicas = 1, labels = {} } = over;
  const spec = { containers: [{ name: 'web', image }] };
  const template = { metadata: { labels }, spec };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: {}, spec: { replicas, template } };
}

export function requestFor(
  object: Readonly<Record<string, unknown>> | null,
  over: Partial<AdmissionRequest> = {},
): AdmissionRequest {
  const kind = object?.['kind'] === 'Deployment' ? 'Deployment' : 'Pod';
  return {
    uid: 'uid-1',
    kind: { group: kind === 'Pod' ? '' : 'apps', version: 'v1', kind },
    subResource: '',
    namespace: 'shop-prod',
    name: 'shop',
    operation: 'CREATE',
    userInfo: { username: 'rita', groups: ['developers'] },
    object,
    oldObject: null,
    dryRun: false,
    ...over,
  };
}
