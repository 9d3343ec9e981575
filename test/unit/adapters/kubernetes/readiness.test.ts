import { acceptanceOf } from '../../../../src/adapters/kubernetes/gateway';
import { podsRefused, readinessOf } from '../../../../src/adapters/kubernetes/readiness';
import { Deployment, HttpRoute } from '../../../../src/adapters/kubernetes/schema';

const meta = { name: 'shop', uid: 'u', resourceVersion: '1', generation: 3 };

function deployment(status: object, replicas = 2, metadata: object = {}): Deployment {
  return Deployment.parse({
    metadata: { ...meta, ...metadata },
    spec: { replicas, template: { spec: { containers: [{ name: 'app' }] } } },
    status,
  });
}

const DONE = { observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };

it('is ready once all pods of the newest generation are available', () => {
  expect(readinessOf(deployment(DONE))).toEqual({ state: 'ready' });
});

it.each([
  ['the cluster has not looked yet', { ...DONE, observedGeneration: 2 }],
  ['a pod is missing', { ...DONE, availableReplicas: 1 }],
  ['an old pod still runs', { ...DONE, replicas: 3 }],
  ['nothing is known', {}],
])('waits while %s', (_name, status) => {
  expect(readinessOf(deployment(status))).toMatchObject({ state: 'waiting' });
});

it.each([
  [
    'its deadline has passed',
    deployment({
      observedGeneration: 3,
      conditions: [
        { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'm' },
      ],
    }),
    'ProgressDeadlineExceeded: m',
  ],
  ['it was scaled to 0', deployment(DONE, 0), 'it was scaled to 0'],
  [
    'it was deleted',
    deployment(DONE, 2, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    'it was deleted',
  ],
])('has failed when %s', (_name, found, reason) => {
  expect(readinessOf(found)).toEqual({ state: 'failed', reason });
});

it('says why no pod was made', () => {
  const conditions = [
    { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' },
  ];

  expect(podsRefused(deployment({ conditions }))).toBe('FailedCreate: exceeded quota');
  expect(podsRefused(deployment(DONE))).toBeNull();
});

describe('a route', () => {
  const gateway = { namespace: 'gateways', name: 'public' };
  const route = (parents: object[]): HttpRoute =>
    HttpRoute.parse({ metadata: meta, spec: {}, status: { parents } });
  const parent = (conditions: object[], parentRef: object = gateway): object => ({
    parentRef,
    conditions,
  });
  const accepted = { type: 'Accepted', status: 'True', observedGeneration: 3 };

  it.each([
    ['accepted', 'that is accepted', [parent([accepted])]],
    ['pending', 'that nobody has looked at', []],
    ['pending', 'whose older form is accepted', [parent([{ ...accepted, observedGeneration: 2 }])]],
    ['pending', 'that another gateway accepted', [parent([accepted], { name: 'public' })]],
    [
      'pending',
      'whose Service is not known yet',
      [parent([accepted, { type: 'ResolvedRefs', status: 'False', reason: 'BackendNotFound' }])],
    ],
    ['refused', 'that is refused', [parent([{ ...accepted, status: 'False' }])]],
  ])('is %s when it is one %s', (state, _name, parents) => {
    expect(acceptanceOf(route(parents), gateway, 'shop-prod')).toMatchObject({ state });
  });
});
