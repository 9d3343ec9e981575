import type { StopRule } from './policy';
import type { RollupTask } from './report';

/**
 * Why a rollup has to stop by what it did of its waves so far; null when it may go on. What failed counts, and what was taken back after
 * it was released. One wave that is bad enough is enough.
 */
export function stopReason(tasks: readonly RollupTask[], rule: StopRule): string | null {
  const last = Math.max(0, ...tasks.map(({ wave }) => wave));
  for (let wave = 1; wave <= last; wave += 1) {
    const own = tasks.filter((task) => task.wave === wave);
    const failed = own.filter(({ state }) => state === 'failed').length;
    if (failed > 0 && failed >= limitOf(wave, own.length, rule)) {
      return `${failed} of the ${own.length} services of wave ${wave} failed or were taken back`;
    }
  }
  return null;
}

/** So many failures stop it: at least one, never more than there are services. */
function limitOf(wave: number, size: number, { firstWave, ratio }: StopRule): number {
  const limit = wave === 1 ? firstWave : Math.floor(ratio * size) + 1;
  return Math.min(size, Math.max(1, limit));
}
