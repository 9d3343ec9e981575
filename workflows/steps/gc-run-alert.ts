import { CancellationScope } from '@temporalio/workflow';
import { attempt } from './attempt';
import type { GcRun } from './gc-run-state';

/** A plan that was refused, such as since a terminated run still has the turn, would be so every week, and nobody looks. */
export async function alertOfRun({ records, state }: GcRun): Promise<void> {
  const { planId, outcome, reason, counts, errors } = state;
  if (outcome === 'done' && counts.failed === 0) return;
  const title = 'A clean-up of the registry did not do all of its plan';
  const why = outcome === 'done' ? `${counts.failed} items failed: ${errors[0] ?? ''}` : reason;
  const text = `${planId} is ${outcome ?? ''}: ${why ?? ''}. See plura reg gc show ${planId} --items`;
  await CancellationScope.nonCancellable(() =>
    attempt(() =>
      records.notify.executeWithOptions({ summary: title }, [
        { id: `gc-run/${planId}`, severity: 'warning', svc: '', title, text },
      ]),
    ),
  );
}
