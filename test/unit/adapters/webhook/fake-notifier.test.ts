import { describeNotifier } from '../../../support/contracts/notifier';
import { createFakeNotifier } from '../../../support/fakes/notifier';

describeNotifier('fake', () => {
  const notifier = createFakeNotifier();
  return Promise.resolve({
    notifier,
    arrived: () => notifier.sent,
    break: () => {
      notifier.fail('NOTIFIER_UNAVAILABLE', 1);
    },
    repair: () => undefined,
    close: () => Promise.resolve(),
  });
});
