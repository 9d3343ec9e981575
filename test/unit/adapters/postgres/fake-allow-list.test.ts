import { describeAllowList } from '../../../support/contracts/allow-list';
import { describeDenied } from '../../../support/contracts/denied';
import { describeHolds } from '../../../support/contracts/holds';
import { createFakeAllowList, type FakeAllowList } from '../../../support/fakes/allow-list';
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
    close: async () => Promise.resolve(),
  });
});

describe('what is denied by the fake', () => {
  describeDenied(() => {
    const inventory = createFakeInventory();
    const { contents } = inventory;
    return { inventory, allowList: createFakeAllowList({ contents }) };
  });
});

describe('holds of the fake', () => {
  let allowList: FakeAllowList;

  beforeEach(() => {
    allowList = createFakeAllowList();
  });

  describeHolds(() => allowList);
});
