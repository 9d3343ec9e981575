import {
  ApplicationFailure,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import {
  ROLLUP_MESSAGES,
  type RebuildEnded,
  type RollupOrder,
} from '../../src/contract/rollup-messages';
import type { RollupReport } from '../../src/domain/rollup/report';
import { change, type RollupRun } from './rollup-run';

const getReportQuery = defineQuery<RollupReport>(ROLLUP_MESSAGES.get);
const rebuildEndedSignal = defineSignal<[RebuildEnded]>(ROLLUP_MESSAGES.rebuildEnded);

function fieldsOf(value: unknown): Partial<Record<keyof RollupOrder, unknown>> {
  return typeof value === 'object' && value !== null ? value : {};
}

/** Anyone with the Web UI can send anything: who says nothing of himself is `somebody`. */
function said(what: string, value: unknown): string {
  const { by, reason } = fieldsOf(value);
  const who = typeof by === 'string' ? by.slice(0, 200) : 'somebody';
  return `${what} by ${who}${typeof reason === 'string' && reason !== '' ? `: ${reason.slice(0, 500)}` : ''}`;
}

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

/** As Updates for API and CLI, as Signals for the Web UI. Rebuilds under way are never stopped by them. */
export function handleRollupMessages(run: RollupRun): void {
  const orders = {
    [ROLLUP_MESSAGES.pause]: pause,
    [ROLLUP_MESSAGES.resume]: resume,
    [ROLLUP_MESSAGES.cancel]: cancel,
  };
  setHandler(getReportQuery, () => run.report);
  // What is told is not believed, it is only looked at sooner.
  setHandler(rebuildEndedSignal, () => {
    run.nudged = true;
  });
  for (const [name, order] of Object.entries(orders)) {
    setHandler(defineSignal<[unknown]>(name), (value) => void order(run, value));
    setHandler(defineUpdate<RollupReport, [unknown]>(name), (value) => order(run, value), {
      validator: (value) => {
        if (typeof fieldsOf(value).by !== 'string') {
          throw ApplicationFailure.nonRetryable('Expected {by, reason}', 'INVALID_INPUT');
        }
        if (run.report.outcome !== null) {
          throw ApplicationFailure.nonRetryable('The rollup has ended', 'ALREADY_ENDED');
        }
      },
    });
  }
}
