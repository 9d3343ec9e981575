import { describeLedgerFigures, RESCAN_RUN } from '../../../support/contracts/ledger-figures';
import { describeOldRecords } from '../../../support/contracts/old-records';
import { describeStorageSamples } from '../../../support/contracts/storage-samples';
import { createFakeInventory } from '../../../support/fakes/inventory';
import { createFakeLedger } from '../../../support/fakes/ledger';
import { createFakeLedgerFigures } from '../../../support/fakes/ledger-figures';
import { createFakeOldRecords } from '../../../support/fakes/old-records';
import { createFakeStorageSamples } from '../../../support/fakes/storage-samples';

const close = (): Promise<void> => Promise.resolve();
const services = ['shop', 'cart'];

describeStorageSamples('fake', () => {
  const inventory = createFakeInventory();
  const ledger = createFakeLedger();
  const samples = createFakeStorageSamples({ contents: inventory.contents, ledger, services });
  return Promise.resolve({ samples, inventory, ledger, close });
});

describeLedgerFigures('fake', () => {
  const inventory = createFakeInventory();
  const ledger = createFakeLedger();
  const rescanRuns = new Set([RESCAN_RUN]);
  const figures = createFakeLedgerFigures({ ledger, inventory, services, rescanRuns });
  return Promise.resolve({ figures, ledger, inventory, close });
});

describeOldRecords('fake', () => {
  const records = createFakeOldRecords();
  return Promise.resolve({
    records,
    add: (kind, day) => {
      records.kept[kind].push(`2026-01-0${day}T00:00:00.000Z`);
      return Promise.resolve();
    },
    count: (kind) => Promise.resolve(records.kept[kind].length),
    close,
  });
});
