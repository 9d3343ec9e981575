import {
  metadataPointer,
  specPointer,
  templatePlaceOf,
} from '../../../../src/domain/admission/workload';

describe('the place of a pod template', () => {
  it.each([
    ['v1', 'Pod', 'pod'],
    ['v1', 'PodTemplate', 'pod-template'],
    ['v1', 'ReplicationController', 'workload'],
    ['apps/v1', 'Deployment', 'workload'],
    ['apps/v1beta2', 'Deployment', 'workload'],
    ['batch/v1', 'CronJob', 'cron-job'],
    ['argoproj.io/v1alpha1', 'Rollout', 'workload'],
    ['v1', 'Service', null],
    ['v1', 'Deployment', null],
    ['example.org/v1', 'Deployment', null],
    ['apps/v1', 'Pod', null],
  ])('in %s %s: %s', (apiVersion, kind, place) => {
    expect(templatePlaceOf({ apiVersion, kind })).toBe(place);
  });
});

describe('pointers into an object', () => {
  it.each([
    ['/spec', '/metadata/annotations/plura.reg~1mtls'],
    ['/template/spec', '/template/metadata/annotations/plura.reg~1mtls'],
    ['/spec/template/spec', '/spec/template/metadata/annotations/plura.reg~1mtls'],
  ])('lead from the pod spec at %s to the metadata beside it', (path, expected) => {
    expect(metadataPointer({ path }, 'annotations', 'plura.reg/mtls')).toBe(expected);
  });

  it('escape what a pointer has a meaning for', () => {
    expect(specPointer({ path: '/spec' }, 'a~b/c', 0)).toBe('/spec/a~0b~1c/0');
  });
});
