import { describeRollups } from '../../../support/contracts/rollups';
import { createFakeLedger } from '../../../support/fakes/ledger';
import { createFakeRollups } from '../../../support/fakes/rollups';

describeRollups('fake', () => {
  const ledger = createFakeLedger();
  const rollups = createFakeRollups(ledger, ['cart', 'shop']);
  return Promise.resolve({ rollups, ledger, close: () => Promise.resolve() });
});
