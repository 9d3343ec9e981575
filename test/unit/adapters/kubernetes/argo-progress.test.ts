import { desiredOf } from '../../../../src/adapters/kubernetes/argo-objects';
import { progressOf } from '../../../../src/adapters/kubernetes/argo-progress';
import { NOTHING_PLACED } from '../../../../src/adapters/kubernetes/placement';
import { ArgoRollout, type Placed } from '../../../../src/adapters/kubernetes/schema';

const placed = (digit: string): Placed => ({
  repository: 'apps/shop/web',
  digest: `sha256:${digit.repeat(64)}`,
  healthPath: '/healthz',
});
const rollout = (status: object): ArgoRollout =>
  ArgoRollout.parse({
    metadata: { name: 'shop', uid: 'u', resourceVersion: '1', generation: 3 },
    spec: {},
    status: { observedGeneration: '3', currentPodHash: 'new', stableRS: 'old', ...status },
  });
const at = (weight: number): object => ({ canary: { weights: { canary: { weight } } } });
const SPLIT = { image: 'i', percent: 25 };
const ALL = { image: 'i', percent: null };
const PROMOTED = { phase: 'Healthy', stableRS: 'new' };

it.each([
  ['a pause at the share', SPLIT, { phase: 'Paused', ...at(25) }],
  ['a pause where Argo tells no weight', SPLIT, { phase: 'Paused' }],
  ['all traffic', ALL, PROMOTED],
  ['nothing running', null, { phase: 'Healthy' }],
])('has got there with %s', (_name, desired, status) => {
  expect(progressOf(rollout(status), desired)).toEqual({ state: 'settled' });
});

it.each([
  ['it pauses at another share', SPLIT, { phase: 'Paused', ...at(5) }],
  ['its status is about an older order', SPLIT, { phase: 'Paused', observedGeneration: '2' }],
  ['it was unpaused', SPLIT, { phase: 'Paused', controllerPause: true, pauseConditions: [] }],
  ['the former stable is healthy', ALL, { phase: 'Healthy' }],
  ['pods are missing', ALL, { phase: 'Progressing' }],
  ['somebody paused it', ALL, { phase: 'Paused' }],
])('waits while %s', (_name, desired, status) => {
  expect(progressOf(rollout(status), desired)).toMatchObject({ state: 'waiting' });
});

it.each([
  ['Argo calls it degraded', { phase: 'Degraded', message: 'RolloutAborted' }, /RolloutAborted/],
  ['somebody promoted the candidate', PROMOTED, /promoted it in Argo/],
])('has failed when %s', (_name, status, reason) => {
  expect(progressOf(rollout(status), SPLIT)).toEqual({
    state: 'failed',
    reason: expect.stringMatching(reason) as string,
  });
});

it('wants a share only beside a stable track of another image', () => {
  const [a, b] = [placed('a'), placed('b')];
  const want = (state: object): unknown => desiredOf({ ...NOTHING_PLACED, ...state }, 'r')?.percent;

  expect(want({ stable: a, candidate: b, percent: 5 })).toBe(5);
  expect(want({ stable: a })).toBeNull();
  expect(want({ candidate: b })).toBeNull();
  expect(want({ stable: a, candidate: a, percent: 5 })).toBeNull();
  expect(desiredOf(NOTHING_PLACED, 'r')).toBeNull();
});
