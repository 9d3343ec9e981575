import { createBoundedMap } from '../../../../src/gateway/auth/bounded-map';

it('forgets what was used longest ago, and no more than it must', () => {
  const map = createBoundedMap<number>(2);

  map.set('a', 1);
  map.set('b', 2);
  map.get('a');
  map.set('c', 3);
  map.set('c', 4);

  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 4]);
});
