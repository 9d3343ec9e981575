import { defineQuery, setHandler } from '@temporalio/workflow';
import { GC_RUN_MESSAGES, type GcRunReport } from '../../src/contract/gc-run-messages';
import { change, type GcRun } from './gc-run-state';
import { handleOrders, said } from './order-messages';

const getGcRunQuery = defineQuery<GcRunReport>(GC_RUN_MESSAGES.get);

function pause(run: GcRun, value: unknown): GcRunReport {
  if (run.state.outcome === null && run.cancelled === null) {
    change(run, { paused: true, reason: said('paused', value) });
    run.scope?.cancel();
  }
  return run.state;
}

function resume(run: GcRun): GcRunReport {
  if (run.state.paused) change(run, { paused: false, reason: null });
  return run.state;
}

function cancel(run: GcRun, value: unknown): GcRunReport {
  if (run.state.outcome === null) {
    run.cancelled ??= said('cancelled', value);
    change(run, { reason: run.cancelled });
    run.scope?.cancel();
  }
  return run.state;
}

/** Orders stop at an item: one that is under way is brought to its end first. */
export function handleGcMessages(run: GcRun): void {
  setHandler(getGcRunQuery, () => run.state);
  handleOrders(
    {
      [GC_RUN_MESSAGES.pause]: (value) => pause(run, value),
      [GC_RUN_MESSAGES.resume]: () => resume(run),
      [GC_RUN_MESSAGES.cancel]: (value) => cancel(run, value),
    },
    () => (run.state.outcome === null ? null : 'The run has ended'),
  );
}
