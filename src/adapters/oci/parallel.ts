/** Requests of one call under way at once. */
const PARALLEL = 8;

/** Like `Promise.all(items.map(run))`, a few at a time; results in the order of the items. */
export async function mapLimited<T, R>(
  items: readonly T[],
  run: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  async function work(): Promise<void> {
    for (const [index, item] of queue) {
      results[index] = await run(item);
    }
  }
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, work));
  return results;
}
