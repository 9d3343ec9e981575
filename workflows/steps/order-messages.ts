import { ApplicationFailure, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import { fieldsOf } from './message-guards';

interface Order {
  readonly by: string;
  readonly reason: string;
}

/** Anyone with the Web UI can send anything: who says nothing of himself is `somebody`. */
export function said(what: string, value: unknown): string {
  const { by, reason } = fieldsOf<Order>(value);
  const who = typeof by === 'string' ? by.slice(0, 200) : 'somebody';
  const why = typeof reason === 'string' && reason !== '' ? `: ${reason.slice(0, 500)}` : '';
  return `${what} by ${who}${why}`;
}

/** Each answers with the report. As Updates for API and CLI, as Signals for the Web UI. `whyEnded` is null while orders are taken. */
export function handleOrders(
  orders: Readonly<Record<string, (value: unknown) => unknown>>,
  whyEnded: () => string | null,
): void {
  for (const [name, order] of Object.entries(orders)) {
    setHandler(defineSignal<[unknown]>(name), (value) => void order(value));
    setHandler(defineUpdate<unknown, [unknown]>(name), order, {
      validator: (value) => {
        if (typeof fieldsOf<Order>(value).by !== 'string') {
          throw ApplicationFailure.nonRetryable('Expected {by, reason}', 'INVALID_INPUT');
        }
        const ended = whyEnded();
        if (ended !== null) throw ApplicationFailure.nonRetryable(ended, 'ALREADY_ENDED');
      },
    });
  }
}
