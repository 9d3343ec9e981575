import type { WaveRule } from './policy';
import type { RollupTask, RollupWave } from './report';

/** Sizes of the waves of `total` services, in order; together they are `total`. */
export function waveSizes(total: number, rules: readonly WaveRule[]): readonly number[] {
  const sizes: number[] = [];
  let left = total;
  for (const { share, atLeast } of rules) {
    const size = Math.min(left, Math.max(1, atLeast, Math.ceil(share * total)));
    if (size > 0) sizes.push(size);
    left -= size;
  }
  return left > 0 ? [...sizes, left] : sizes;
}

/** One of each group after the other, until all are empty. */
function takeTurns<T>(groups: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...groups.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) =>
    groups.flatMap((group) => group.slice(turn, turn + 1)),
  ).flat();
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, readonly T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.entries()].sort(([one], [two]) => (one < two ? -1 : 1)).map(([, own]) => own);
}

const rotate = <T>(items: readonly T[], by: number): readonly T[] => {
  const at = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
};

function basesOf({ moves }: RollupTask): string {
  return [...new Set(moves.map(({ repository }) => repository))].sort().join(' ');
}

/**
 * An order in which the first few stand on as many bases and belong to as many owners as there are: what is wrong with one base, or with
 * one team's builds, is seen early. The same services are in the same order whatever order they come in.
 */
export function spread(tasks: readonly RollupTask[]): readonly RollupTask[] {
  const sorted = [...tasks].sort((one, two) => (one.svc < two.svc ? -1 : 1));
  const byBase = groupBy(sorted, basesOf).map((ofBase, index) =>
    takeTurns(
      rotate(
        groupBy(ofBase, ({ owner }) => owner),
        index,
      ),
    ),
  );
  return takeTurns(byBase);
}

/** Gives every service that waits its wave, from 1 up; the others keep 0. Ordered by wave, those without one last. */
export function assignWaves(
  tasks: readonly RollupTask[],
  rules: readonly WaveRule[],
): { readonly tasks: readonly RollupTask[]; readonly waves: readonly RollupWave[] } {
  const order = spread(tasks.filter(({ state }) => state === 'waiting'));
  const sizes = waveSizes(order.length, rules);
  const numbers = sizes.flatMap((size, index) => Array.from({ length: size }, () => index + 1));
  const waiting = order.map((task, index) => ({ ...task, wave: numbers[index] ?? 0 }));
  const others = tasks.filter(({ state }) => state !== 'waiting');
  const waves = sizes.map((size, index) => ({
    number: index + 1,
    size,
    startedAt: null,
    endedAt: null,
  }));
  return { tasks: [...waiting, ...others], waves };
}
