import {
  ApplicationFailure,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import {
  GC_RUN_MESSAGES,
  type GcRunOrder,
  type GcRunReport,
} from '../../src/contract/gc-run-messages';
import { change, type GcRun } from './gc-run-state';

const getGcRunQuery = defineQuery<GcRunReport>(GC_RUN_MESSAGES.get);

function fieldsOf(value: unknown): Partial<Record<keyof GcRunOrder, unknown>> {
  return typeof value === 'object' && value !== null ? value : {};
}

/** Anyone with the Web UI can send anything: who says nothing of himself is `somebody`. */
function orderOf(value: unknown): GcRunOrder {
  const { by, reason } = fieldsOf(value);
  return {
    by: typeof by === 'string' ? by.slice(0, 200) : 'somebody',
    reason: typeof reason === 'string' ? reason.slice(0, 500) : '',
  };
}

const said = (what: string, { by, reason }: GcRunOrder): string =>
  `${what} by ${by}${reason === '' ? '' : `: ${reason}`}`;

function pause(run: GcRun, value: unknown): GcRunReport {
  if (run.state.outcome === null && run.cancelled === null) {
    change(run, { paused: true, reason: said('paused', orderOf(value)) });
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
    run.cancelled ??= said('cancelled', orderOf(value));
    change(run, { reason: run.cancelled });
    run.scope?.cancel();
  }
  return run.state;
}

/** As Updates for API and CLI, as Signals for the Web UI: an item under way is brought to its end first. */
export function handleGcMessages(run: GcRun): void {
  const orders = {
    [GC_RUN_MESSAGES.pause]: pause,
    [GC_RUN_MESSAGES.resume]: resume,
    [GC_RUN_MESSAGES.cancel]: cancel,
  };
  setHandler(getGcRunQuery, () => run.state);
  for (const [name, order] of Object.entries(orders)) {
    setHandler(defineSignal<[unknown]>(name), (value) => void order(run, value));
    setHandler(defineUpdate<GcRunReport, [unknown]>(name), (value) => order(run, value), {
      validator: (value) => {
        if (typeof fieldsOf(value).by !== 'string') {
          throw ApplicationFailure.nonRetryable('Expected {by, reason}', 'INVALID_INPUT');
        }
        if (run.state.outcome !== null) {
          throw ApplicationFailure.nonRetryable('The run has ended', 'ALREADY_ENDED');
        }
      },
    });
  }
}
