import type { Workloads } from '../../src/admission/dependencies';
import { createFactReader } from '../../src/admission/guardrails/facts';
import { createWorkloads } from '../../src/admission/guardrails/read-workloads';
import type { AdmissionRequest } from '../../src/contract/schema/admission-review';
import { DEFAULT_GUARDRAILS } from '../../src/domain/admission/guardrails/defaults';

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

/** The part of the readers of workloads that reviews need. */
export const readPods: Pick<Workloads, 'podTemplateOf' | 'imagesOf'> = createWorkloads({
  guardrails: DEFAULT_GUARDRAILS,
  facts: createFactReader({
    networkPolicies: null,
    imageConfigs: { read: () => Promise.resolve(new Map()) },
  }),
});

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
