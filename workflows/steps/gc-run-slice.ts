import { CancellationScope, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { GcRunCounts } from '../../src/contract/gc-run-messages';
import { addCounts, firstLines } from './report';
import { change, type GcRun } from './gc-run-state';

/** Takes the turn. Why it may not run; null when it may. */
export async function beginPlan(run: GcRun): Promise<string | null> {
  const { begun, items } = await run.slices.beginGcPlan.executeWithOptions(
    { summary: 'take the turn' },
    [{ planId: run.input.planId, runId: workflowInfo().workflowId }],
  );
  if (begun.kind === 'refused') return begun.reason;
  change(run, { items });
  return null;
}

/** Null when it was paused or cancelled before it began. */
async function interruptible<T>(run: GcRun, work: () => Promise<T>): Promise<T | null> {
  const outer = CancellationScope.current();
  const scope = new CancellationScope();
  run.scope = scope;
  try {
    return await scope.run(work);
  } catch (error) {
    if (isCancellation(error) && !outer.consideredCancelled) return null;
    throw error;
  } finally {
    run.scope = null;
  }
}

/** Executes the next slice. False when no item is left. Paused or cancelled meanwhile, it is a short one. */
export async function executeSlice(run: GcRun): Promise<boolean> {
  const { planId, settings } = run.input;
  const { next: from, items } = run.state;
  const slice = await interruptible(run, () =>
    run.slices.executeGcSlice.executeWithOptions({ summary: `items ${from} of ${items}` }, [
      { planId, from, settings },
    ]),
  );
  if (!slice) return true;
  const skips = { ...run.state.skips };
  for (const [rule, count] of Object.entries(slice.skips)) skips[rule] = (skips[rule] ?? 0) + count;
  change(run, {
    counts: addCounts(run.state.counts, slice.counts),
    skips,
    errors: firstLines([...run.state.errors, ...slice.errors]),
    next: slice.next ?? items,
  });
  return slice.next !== null;
}

export async function endPlan(run: GcRun, state: 'done' | 'stopped'): Promise<GcRunCounts> {
  return run.records.endGcPlan.executeWithOptions({ summary: `the plan is ${state}` }, [
    { planId: run.input.planId, state },
  ]);
}
