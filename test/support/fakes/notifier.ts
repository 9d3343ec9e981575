import type { Notification, Notifier } from '../../../src/ports/notifier';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeNotifier extends Notifier, CallFaults {
  /** What got through, once per id. */
  readonly sent: readonly Notification[];
}

export function createFakeNotifier(): FakeNotifier {
  const sent: Notification[] = [];
  const notifier: Notifier & { readonly sent: readonly Notification[] } = {
    sent,
    send: (notification) => {
      if (!sent.some((one) => one.id === notification.id)) {
        sent.push(notification);
      }
      return Promise.resolve();
    },
  };
  return withCallFaults(notifier);
}
