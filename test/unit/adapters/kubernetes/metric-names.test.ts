import {
  argoMetricNames,
  kubernetesMetricNames,
} from '../../../../src/adapters/kubernetes/metric-names';
import type { MeasuredTrack } from '../../../../src/ports/metrics-source';

const namespaces = { dev: 'shop-dev', stg: 'shop-stg', prod: 'shop-prod' };
const services = { stable: '{svc}-stable', candidate: '{svc}-canary' };
const VERSION: MeasuredTrack = { svc: 'shop', env: 'stg', digest: `sha256:${'a'.repeat(64)}` };

it.each<[string, Partial<MeasuredTrack>, string, string]>([
  ['stable, first in the route', { track: 'stable' }, 'stable', '0'],
  ['the candidate beside it', { track: 'candidate' }, 'candidate', '1'],
  ['the candidate where nothing is said', {}, 'candidate', '1'],
  ['a candidate alone', { track: 'candidate', alone: true }, 'candidate', '0'],
])('calls %s by its digest and its place', (_name, more, track, position) => {
  expect(kubernetesMetricNames({ namespaces }, { ...VERSION, ...more })).toEqual({
    service: 'shop',
    env: 'stg',
    version: VERSION.digest,
    track,
    namespace: 'shop-stg',
    route: 'shop',
    backend: 'shop-aaaaaaaaaaaa',
    position,
  });
});

it.each<[string, Partial<MeasuredTrack>, string]>([
  ['stable', { track: 'stable' }, 'shop-stable'],
  ['the candidate', { track: 'candidate' }, 'shop-canary'],
  ['a first version, which Argo promotes at once', { alone: true }, 'shop-stable'],
])('calls %s by the Service that Argo gives it', (_name, more, backend) => {
  const names = argoMetricNames({ namespaces, services }, { ...VERSION, ...more });

  expect(names).toMatchObject({ namespace: 'shop-stg', route: 'shop', backend });
});

it('uses the name that a cluster allows', () => {
  const names = kubernetesMetricNames({ namespaces }, { ...VERSION, svc: 'a.b' });

  expect(names.service).toBe('a.b');
  expect(names.route).toMatch(/^s-a-b-[0-9a-f]{8}$/);
});
