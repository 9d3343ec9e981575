import type { GuardrailCase, Raw, WorkloadKind } from './guardrail-builders';

const SELECTOR = { app: 'web' };

interface Shape {
  readonly apiVersion: string;
  readonly specOf: (template: Raw) => Raw;
}

const selecting = (apiVersion: string): Shape => ({
  apiVersion,
  specOf: (template) => ({ spec: { selector: { matchLabels: SELECTOR }, template } }),
});

const SHAPES: Readonly<Record<WorkloadKind, Shape>> = {
  Pod: { apiVersion: 'v1', specOf: ({ spec }) => ({ spec }) },
  PodTemplate: { apiVersion: 'v1', specOf: (template) => ({ template }) },
  ReplicationController: {
    apiVersion: 'v1',
    specOf: (template) => ({ spec: { selector: SELECTOR, template } }),
  },
  Deployment: selecting('apps/v1'),
  ReplicaSet: selecting('apps/v1'),
  StatefulSet: selecting('apps/v1'),
  DaemonSet: selecting('apps/v1'),
  Job: { apiVersion: 'batch/v1', specOf: (template) => ({ spec: { template: once(template) } }) },
  CronJob: {
    apiVersion: 'batch/v1',
    specOf: (template) => ({
      spec: { schedule: '0 * * * *', jobTemplate: { spec: { template: once(template) } } },
    }),
  },
  Rollout: selecting('argoproj.io/v1alpha1'),
};

/** A pod of a Job ends. */
function once({ metadata, spec }: Raw): Raw {
  return { metadata, spec: { ...(spec as Raw), restartPolicy: 'Never' } };
}

/** Without what is undefined. */
function onTheWire(object: Raw): Raw {
  return JSON.parse(JSON.stringify(object)) as Raw;
}

/** The object of a case as it is sent to the API, without its ephemeral container. */
export function objectOf(
  { kind = 'Pod', namespace, metadata, spec }: GuardrailCase,
  name = 'web',
): Raw {
  const { apiVersion, specOf } = SHAPES[kind];
  return onTheWire({
    apiVersion,
    kind,
    metadata: { name, namespace, ...(kind === 'Pod' ? metadata : {}) },
    ...specOf({ metadata, spec }),
  });
}

/** As it is once its ephemeral container is in. */
export function runningObjectOf(one: GuardrailCase, name?: string): Raw {
  return one.ephemeral === undefined
    ? objectOf(one, name)
    : objectOf({ ...one, spec: { ...one.spec, ephemeralContainers: [one.ephemeral] } }, name);
}
