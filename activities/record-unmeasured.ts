import type { Verdict } from '../src/domain/verdict';
import type { Deps } from './deps';
import { recordVerdict, type ReleaseRef } from './verdicts';

export interface RecordUnmeasuredInput {
  readonly release: ReleaseRef;
  /** An `error`: nobody answered who could have measured. */
  readonly verdict: Verdict;
}

export interface RecordUnmeasuredActivities {
  /**
   * Keeps a verdict that the workflow gave itself, as no activity could look: without it the ledger would say of the window what was seen
   * before. Done again it is the same one. Throws LEDGER_UNAVAILABLE.
   */
  recordUnmeasured(input: RecordUnmeasuredInput): Promise<void>;
}

export function createRecordUnmeasuredActivities(
  deps: Pick<Deps, 'ledger' | 'now'>,
): RecordUnmeasuredActivities {
  return {
    async recordUnmeasured({ release, verdict }): Promise<void> {
      await recordVerdict(deps, release, verdict);
    },
  };
}
