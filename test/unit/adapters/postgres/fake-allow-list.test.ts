import { describeAllowList } from '../../../support/contracts/allow-list';
import { createFakeAllowList } from '../../../support/fakes/allow-list';
import { createFakeInventory } from '../../../support/fakes/inventory';
import { createFakeLedger } from '../../../support/fakes/ledger';
import { createFakeQuarantine } from '../../../support/fakes/quarantine';

describeAllowList('fake', () => {
  const inventory = createFakeInventory();
  const { contents } = inventory;
  const ledger = createFakeLedger();
  const quarantine = createFakeQuarantine(contents);
  const allowList = createFakeAllowList({ ledger, quarantine, contents });
  return Promise.resolve({
    allowList,
    ledger,
    quarantine,
    inventory,
    hold: async (digest, hold) => allowList.hold(digest, hold),
    close: async () => Promise.resolve(),
  });
});
