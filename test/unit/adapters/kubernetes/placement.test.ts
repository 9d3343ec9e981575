import {
  candidatePercent,
  NOTHING_PLACED,
  placedImages,
  sharesOf,
  trackOf,
  withCandidate,
  withoutCandidate,
  withoutStable,
  withStable,
  type Placement,
} from '../../../../src/adapters/kubernetes/placement';
import type { Placed } from '../../../../src/adapters/kubernetes/schema';

const placed = (digit: string): Placed => ({
  repository: 'apps/shop/web',
  digest: `sha256:${digit.repeat(64)}`,
  healthPath: '/healthz',
});
const [A, B, C] = [placed('a'), placed('b'), placed('c')];

const canary: Placement = {
  ...withCandidate(withStable(NOTHING_PLACED, A, 1), B, 4),
  percent: 25,
};

it('splits by the share of the candidate', () => {
  expect(sharesOf(canary)).toEqual([
    { digest: A.digest, weight: 75 },
    { digest: B.digest, weight: 25 },
  ]);
});

it('gives all to the only track there is', () => {
  expect(sharesOf(withoutStable(canary))).toEqual([{ digest: B.digest, weight: 100 }]);
  expect(candidatePercent(withoutStable(canary))).toBe(100);
  expect(sharesOf(withoutCandidate(canary))).toEqual([{ digest: A.digest, weight: 100 }]);
  expect(sharesOf(NOTHING_PLACED)).toEqual([]);
});

it('names a digest once that is both tracks', () => {
  const both = withCandidate(withStable(NOTHING_PLACED, A, 1), A, 1);

  expect(sharesOf(both)).toEqual([{ digest: A.digest, weight: 100 }]);
  expect(placedImages(both)).toEqual([A]);
});

it.each([
  ['the same write keeps its share', B, 4, 25],
  ['a newer write starts at none', B, 5, 0],
  ['another image starts at none', C, 4, 0],
])('starts a candidate: %s', (_name, image, epoch, percent) => {
  expect(withCandidate(canary, image, epoch).percent).toBe(percent);
});

it('keeps former stables, newest first, up to the limit', () => {
  const third = [A, B, C].reduce<Placement>((state, one) => withStable(state, one, 1), canary);

  expect(third.warm).toEqual([B]);
  expect([A, B, C].map(({ digest }) => trackOf(third, digest))).toEqual([
    'withdrawn',
    'former',
    'stable',
  ]);
});

it('goes back to a former stable, which is then no former one', () => {
  const back = withStable(withStable(canary, B, 1), A, 1);

  expect(back).toMatchObject({ stable: A, warm: [B], candidate: null, percent: 0 });
});

it('keeps nothing of what it goes back from, and what was kept before', () => {
  const third = [A, B, C].reduce<Placement>((state, one) => withStable(state, one, 2), canary);

  const back = withStable(third, B, 2, 'stop');

  expect(back).toMatchObject({ stable: B, warm: [A] });
  expect(trackOf(back, C.digest)).toBe('withdrawn');
  expect(withStable(back, B, 2, 'stop')).toEqual(back);
});
