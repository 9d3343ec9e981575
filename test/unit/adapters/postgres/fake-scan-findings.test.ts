import { describeScanFindings } from '../../../support/contracts/scan-findings';
import { createFakeInventory } from '../../../support/fakes/inventory';
import { createFakeLedger } from '../../../support/fakes/ledger';
import { createFakeScanFindings } from '../../../support/fakes/scan-findings';

describeScanFindings('fake', () => {
  const ledger = createFakeLedger();
  const inventory = createFakeInventory();
  const { contents } = inventory;
  const findings = createFakeScanFindings({ ledger, contents, services: ['shop'] });
  return Promise.resolve({ findings, ledger, inventory, close: () => Promise.resolve() });
});
