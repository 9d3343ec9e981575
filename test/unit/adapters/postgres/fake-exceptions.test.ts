import { describeExceptions } from '../../../support/contracts/exceptions';
import { createFakeExceptions } from '../../../support/fakes/exceptions';
import { createFakeInventory } from '../../../support/fakes/inventory';
import { createFakeLedger } from '../../../support/fakes/ledger';

const BOTH = { parents: true, children: true };

describeExceptions('fake', () => {
  const ledger = createFakeLedger();
  const inventory = createFakeInventory();
  const exceptions = createFakeExceptions({ ledger });
  return Promise.resolve({
    ...{ exceptions, ledger, inventory },
    lapses: () => Promise.resolve(exceptions.lapses(inventory.contents, BOTH)),
    close: () => Promise.resolve(),
  });
});
