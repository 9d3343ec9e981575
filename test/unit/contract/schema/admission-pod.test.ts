import { z } from 'zod';
import { podTemplateOf } from '../../../../src/contract/schema/admission-pod';

const container = (over: object = {}): object => ({ name: 'web', image: 'web:1', ...over });
const pod = (spec: object, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  spec,
  ...more,
});

/** Where a fault is, as the path in the object. */
function faultOf(object: unknown): string {
  try {
    podTemplateOf(object);
    return 'none';
  } catch (error) {
    return error instanceof z.ZodError ? (error.issues[0]?.path.join('.') ?? '') : 'other';
  }
}

describe('the pod template of an object', () => {
  it('is filled up, so that nothing that is judged is ever missing', () => {
    expect(podTemplateOf(pod({ containers: [container()] }))).toEqual({
      path: '/spec',
      labels: {},
      annotations: {},
      spec: {
        containers: [
          {
            name: 'web',
            image: 'web:1',
            ports: [],
            resources: { requests: {}, limits: {} },
            securityContext: {
              runAsNonRoot: null,
              runAsUser: null,
              seccompProfile: null,
              appArmorProfile: null,
              hostProcess: null,
              privileged: null,
              allowPrivilegeEscalation: null,
              readOnlyRootFilesystem: null,
              capabilities: { add: [], drop: [] },
            },
            volumeMounts: [],
          },
        ],
        initContainers: [],
        ephemeralContainers: [],
        volumes: [],
        securityContext: {
          runAsNonRoot: null,
          runAsUser: null,
          seccompProfile: null,
          appArmorProfile: null,
          hostProcess: null,
        },
        resources: { requests: {}, limits: {} },
        os: null,
        hostNetwork: false,
        hostPID: false,
        hostIPC: false,
      },
    });
  });

  it('takes null for absent, wherever it stands', () => {
    const nothing = { securityContext: null, volumes: null, initContainers: null, os: null };
    const empty = container({
      resources: null,
      securityContext: { capabilities: null },
      ports: null,
    });

    expect(podTemplateOf(pod({ containers: [empty], ...nothing }, { metadata: null }))).toEqual(
      podTemplateOf(pod({ containers: [container()] })),
    );
  });

  it('lets fields pass that we do not know, and gives none of them on', () => {
    const template = podTemplateOf(
      pod({ containers: [container({ tomorrow: 1 })], tomorrow: {} }, { status: { phase: 'x' } }),
    );

    expect(JSON.stringify(template)).not.toContain('tomorrow');
  });

  it('reads volumes by their kind', () => {
    const volumes = [
      { name: 'model', image: { reference: 'model:1', pullPolicy: 'Always' } },
      { name: 'node', hostPath: { path: '/' } },
      { name: 'id', csi: { driver: 'csi.spiffe.io' } },
      { name: 'tmp', emptyDir: {} },
    ];

    expect(podTemplateOf(pod({ containers: [], volumes }))?.spec.volumes).toEqual([
      { name: 'model', image: 'model:1', hostPath: false, csiDriver: null },
      { name: 'node', image: null, hostPath: true, csiDriver: null },
      { name: 'id', image: null, hostPath: false, csiDriver: 'csi.spiffe.io' },
      { name: 'tmp', image: null, hostPath: false, csiDriver: null },
    ]);
  });

  it('has quantities as texts, though JSON may say numbers', () => {
    const resources = { limits: { cpu: 1, memory: '1Gi' } };

    expect(
      podTemplateOf(pod({ containers: [container({ resources })] }))?.spec.containers[0]?.resources,
    ).toEqual({ requests: {}, limits: { cpu: '1', memory: '1Gi' } });
  });

  it.each([
    ['of another kind', { apiVersion: 'v1', kind: 'Service', spec: {} }],
    [
      'that borrows the template of another one',
      { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', spec: { workloadRef: {} } },
    ],
  ])('is null for an object %s', (_what, object) => {
    expect(podTemplateOf(object)).toBeNull();
  });

  it.each<[string, unknown]>([
    ['spec.containers', pod({ containers: {} })],
    ['spec.containers.0.image', pod({ containers: [container({ image: 1 })] })],
    ['spec.hostNetwork', pod({ containers: [], hostNetwork: 'false' })],
    [
      'spec.containers.0.securityContext.privileged',
      pod({ containers: [container({ securityContext: { privileged: 'no' } })] }),
    ],
    [
      'spec.containers.0.securityContext.capabilities.add',
      pod({ containers: [container({ securityContext: { capabilities: { add: 'ALL' } } })] }),
    ],
    [
      'spec.volumes.0.image.reference',
      pod({ containers: [], volumes: [{ image: { reference: [] } }] }),
    ],
    ['metadata.annotations.a', pod({ containers: [] }, { metadata: { annotations: { a: 1 } } })],
    ['spec', { apiVersion: 'v1', kind: 'Pod' }],
    ['spec', { apiVersion: 'apps/v1', kind: 'Deployment' }],
    [
      'spec.template.spec.containers',
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        spec: { template: { spec: { containers: 1 } } },
      },
    ],
    [
      'spec.jobTemplate.spec.template.spec',
      {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        spec: { jobTemplate: { spec: { template: {} } } },
      },
    ],
    ['apiVersion', { kind: 'Pod' }],
    ['', null],
  ])('is refused with the path %s', (path, object) => {
    expect(faultOf(object)).toBe(path);
  });
});
