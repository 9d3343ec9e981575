import type { Client } from '@temporalio/client';
import {
  ADVISORY_MESSAGES,
  ADVISORY_WORKFLOWS,
  MAX_SIGNAL_HITS,
  type AdvisoryCaseInput,
} from '../contract/advisory-messages';
import { advisoryCaseWorkflowId } from '../contract/ids';
import { TASK_QUEUES } from '../contract/queues';
import type { AdvisoryHit } from '../domain/advisories/case';
import { toReleaseError } from './errors';

/** Workflows that answer advisories. Throws ReleaseError ORCHESTRATOR_UNAVAILABLE. */
export interface AdvisoryAnswers {
  /** Starts the one of this advisory with the hits, or tells it of them; told again they change nothing. */
  noteHits(input: AdvisoryCaseInput, hits: readonly AdvisoryHit[]): Promise<void>;
  /** It looks at its record at once. One that ended half-way goes on by what the record says. */
  wake(input: AdvisoryCaseInput): Promise<void>;
}

export function createAdvisoryAnswers(client: Client, deadlineMs: number): AdvisoryAnswers {
  const send = async (
    input: AdvisoryCaseInput,
    signal: string,
    signalArgs: readonly unknown[],
  ): Promise<void> => {
    const { advisory } = input;
    try {
      await client.withDeadline(Date.now() + deadlineMs, () =>
        client.workflow.signalWithStart(ADVISORY_WORKFLOWS.answer, {
          workflowId: advisoryCaseWorkflowId(advisory),
          // A busy or dead release worker never delays it.
          taskQueue: TASK_QUEUES.control,
          args: [input],
          signal,
          signalArgs: [...signalArgs],
          staticSummary: `Answer ${advisory}`,
        }),
      );
    } catch (error) {
      throw toReleaseError(error, deadlineMs);
    }
  };
  return {
    noteHits: async (input, hits) => {
      for (let from = 0; from < hits.length; from += MAX_SIGNAL_HITS) {
        const some = hits.slice(from, from + MAX_SIGNAL_HITS);
        await send(input, ADVISORY_MESSAGES.noteHits, [some]);
      }
    },
    wake: (input) => send(input, ADVISORY_MESSAGES.wake, []),
  };
}
