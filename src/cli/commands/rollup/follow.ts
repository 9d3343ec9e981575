import { ERRORS, ReleaseError } from '../../../contract/errors';
import { OUTCOME_EXITS } from '../../../contract/exit-codes';
import { RollupView } from '../../../contract/schema/api-rollup';
import type { Cli } from '../../cli';
import type { HttpClient } from '../../http-client';
import { countsOf } from './format-rollup';
import { rollupPath } from './path';

const POLL_MS = 2_000;
/** Temporal needs a moment until what was started can be seen. */
const MAX_ABSENT_MS = 30_000;
/** A server that restarts is no reason to give up on what goes on without it. */
const MAX_OUTAGE_MS = 300_000;

/** Follows a rollup to its end, with a line on stderr whenever something has changed. Throws when it can't be followed any more. */
export async function followRollup(
  { context }: Cli,
  http: HttpClient,
  id: string,
): Promise<RollupView> {
  let answeredAt = context.now();
  let told = '';
  for (;;) {
    const rollup = await look(http, id, (error) => {
      const silentMs = context.now() - answeredAt;
      if (error.code === 'ROLLUP_NOT_FOUND') return silentMs < MAX_ABSENT_MS;
      return ERRORS[error.code].retryable && silentMs < MAX_OUTAGE_MS;
    });
    if (rollup) {
      answeredAt = context.now();
      const { wave, waves, paused } = rollup;
      const line = `wave ${wave} of ${waves.length}${paused ? ', paused' : ''}: ${countsOf(rollup)}`;
      if (line !== told) context.stderr.write(`… ${line}\n`);
      told = line;
      if (rollup.outcome !== null) return rollup;
    }
    await context.sleep(POLL_MS, context.signal);
  }
}

async function look(
  http: HttpClient,
  id: string,
  forgive: (error: ReleaseError) => boolean,
): Promise<RollupView | null> {
  try {
    return await http.get(rollupPath(id), RollupView);
  } catch (error) {
    if (error instanceof ReleaseError && forgive(error)) return null;
    throw error;
  }
}

/** Held by a rule, cancelled by a person, or ended with services that failed. */
export function exitOf({ outcome, tasks }: RollupView): number {
  if (outcome === 'held') return ERRORS.LANE_HELD.exit;
  if (outcome === 'cancelled') return OUTCOME_EXITS.aborted;
  return tasks.some(({ state }) => state === 'failed') ? OUTCOME_EXITS.rejected : 0;
}
