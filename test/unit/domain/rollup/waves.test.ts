import {
  array,
  assert,
  constantFrom,
  integer,
  property,
  record,
  shuffledSubarray,
} from 'fast-check';
import { assignWaves, spread, waveSizes } from '../../../../src/domain/rollup/waves';
import type { RollupTask } from '../../../../src/domain/rollup/report';
import { A, B } from '../../../support/contracts/ledger-builders';
import { rollupTask, SETTINGS } from '../../../support/rollup-tasks';

const { waves: RULES } = SETTINGS;

function onBase(svc: string, owner: string, base: string): RollupTask {
  const moves = [{ repository: base, from: A, fromTag: null, to: B, toTag: '2' }];
  return rollupTask(svc, { owner, moves, wave: 0 });
}

it.each([
  [200, [10, 50, 140]],
  [20, [3, 5, 12]],
  [8, [3, 5]],
  [5, [3, 2]],
  [2, [2]],
  [0, []],
])('divides %d services into waves of %j', (total, sizes) => {
  expect(waveSizes(total, RULES)).toEqual(sizes);
});

it('has one wave without rules', () => {
  expect(waveSizes(7, [])).toEqual([7]);
});

it('puts every base and every owner into the first few', () => {
  const tasks = ['static', 'java', 'python'].flatMap((base) =>
    ['one', 'two', 'three'].map((owner) => onBase(`${base}-${owner}`, owner, `bases/${base}`)),
  );

  const first = spread(tasks).slice(0, 3);

  expect(new Set(first.map(({ owner }) => owner)).size).toBe(3);
  expect(new Set(first.map(({ moves }) => moves[0]?.repository)).size).toBe(3);
});

it('gives no wave to what is not rebuilt', () => {
  const out = rollupTask('cart', { state: 'opted-out', wave: 0 });

  const { tasks, waves } = assignWaves([out, onBase('shop', 'one', 'bases/static')], RULES);

  expect(tasks.map(({ svc, wave }) => [svc, wave])).toEqual([
    ['shop', 1],
    ['cart', 0],
  ]);
  expect(waves).toEqual([{ number: 1, size: 1, startedAt: null, endedAt: null }]);
});

it('puts each service into one wave, of the right size, whatever order they come in', () => {
  const services = array(
    record({ owner: constantFrom('a', 'b', 'c'), base: constantFrom('x', 'y') }),
    { maxLength: 120 },
  ).map((all) => all.map(({ owner, base }, index) => onBase(`svc-${index}`, owner, base)));
  const shuffled = services.chain((all) =>
    shuffledSubarray(all, { minLength: all.length, maxLength: all.length }).map((mixed) => ({
      ...{ all, mixed },
    })),
  );

  assert(
    property(shuffled, integer({ min: 0, max: 2 }), ({ all, mixed }, rules) => {
      const used = RULES.slice(0, rules);
      const one = assignWaves(all, used);
      expect(assignWaves(mixed, used)).toEqual(one);
      expect(one.tasks).toHaveLength(all.length);
      const sizes = one.waves.map(
        ({ number }) => one.tasks.filter(({ wave }) => wave === number).length,
      );
      expect(sizes).toEqual(waveSizes(all.length, used));
      const bases = new Set(all.map(({ moves }) => moves[0]?.repository)).size;
      const first = one.tasks.slice(0, bases).map(({ moves }) => moves[0]?.repository);
      expect(new Set(first).size).toBe(bases);
    }),
  );
});
