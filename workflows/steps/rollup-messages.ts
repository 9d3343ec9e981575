import { defineQuery, defineSignal, setHandler } from '@temporalio/workflow';
import { ROLLUP_MESSAGES, type RebuildEnded } from '../../src/contract/rollup-messages';
import type { RollupReport } from '../../src/domain/rollup/report';
import { handleOrders, said } from './order-messages';
import { change, type RollupRun } from './rollup-run';

const getReportQuery = defineQuery<RollupReport>(ROLLUP_MESSAGES.get);
const rebuildEndedSignal = defineSignal<[RebuildEnded]>(ROLLUP_MESSAGES.rebuildEnded);

function pause(run: RollupRun, value: unknown): RollupReport {
  if (run.report.outcome === null && run.report.stopped === null) {
    change(run, { paused: true, reason: said('paused', value) });
  }
  return run.report;
}

function resume(run: RollupRun): RollupReport {
  if (run.report.paused) {
    change(run, { paused: false, reason: null });
    run.nudged = true;
  }
  return run.report;
}

function cancel(run: RollupRun, value: unknown): RollupReport {
  if (run.report.outcome === null && run.report.stopped !== 'cancelled') {
    change(run, { stopped: 'cancelled', paused: false, reason: said('cancelled', value) });
    run.nudged = true;
  }
  return run.report;
}

/** Rebuilds under way are never stopped by an order. */
export function handleRollupMessages(run: RollupRun): void {
  setHandler(getReportQuery, () => run.report);
  // What is told is not believed, it is only looked at sooner.
  setHandler(rebuildEndedSignal, () => {
    run.nudged = true;
  });
  handleOrders(
    {
      [ROLLUP_MESSAGES.pause]: (value) => pause(run, value),
      [ROLLUP_MESSAGES.resume]: () => resume(run),
      [ROLLUP_MESSAGES.cancel]: (value) => cancel(run, value),
    },
    () => (run.report.outcome === null ? null : 'The rollup has ended'),
  );
}
