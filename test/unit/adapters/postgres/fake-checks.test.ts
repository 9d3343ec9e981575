import { describeChecks } from '../../../support/contracts/checks';
import { createFakeChecks } from '../../../support/fakes/checks';

describeChecks('fake', () =>
  Promise.resolve({ checks: createFakeChecks(), close: () => Promise.resolve() }),
);
