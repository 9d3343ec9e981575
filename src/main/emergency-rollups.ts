import type { RollupCause, RollupItem, RollupItemState } from '../domain/rollup';
import type { EmergencyRollups } from '../ports/emergency-rollups';

/** Of a rollup, what a case goes by. */
interface RollupSight {
  /** Null while it runs. */
  readonly endedAt: string | null;
  readonly tasks: readonly RollupItem[];
}

interface RollupParts {
  /** The same id again starts nothing. */
  readonly start: (id: string, cause: RollupCause, only: readonly string[]) => Promise<unknown>;
  /** As it is on record; null when it is not, or not yet. */
  readonly read: (id: string) => Promise<RollupSight | null>;
}

const DONE: readonly RollupItemState[] = ['released'];
const UNDER_WAY: readonly RollupItemState[] = ['waiting', 'building', 'promoting'];
const MAX_TROUBLED = 100;

/** Rollups in the name of a case. */
export function createEmergencyRollups({ start, read }: RollupParts): EmergencyRollups {
  return {
    start: async ({ id, advisory, only }) => {
      await start(id, { kind: 'emergency', advisory }, only);
    },
    find: async (id) => {
      const sight = await read(id);
      if (!sight) return null;
      const { endedAt, tasks } = sight;
      return {
        ended: endedAt !== null,
        released: tasks.filter(({ state }) => DONE.includes(state)).length,
        // unchanged too: its content is the one that is affected.
        troubled: tasks
          .filter(({ state }) => !DONE.includes(state) && !UNDER_WAY.includes(state))
          .map(({ svc, digest, wave, state, reason, releaseId }) => ({
            ...{ svc, digest, wave, state, reason, releaseId },
          }))
          .slice(0, MAX_TROUBLED),
      };
    },
  };
}
