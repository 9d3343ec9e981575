import { describeGcItemFacts } from '../../../support/contracts/gc-item-facts';
import { describeReclaims } from '../../../support/contracts/reclaims';
import { describeUploadLeases } from '../../../support/contracts/upload-leases';
import { createFakeGcItemFacts } from '../../../support/fakes/gc-item-facts';
import { createFakeInventory } from '../../../support/fakes/inventory';
import { createFakeReclaims } from '../../../support/fakes/reclaims';
import { createFakeUploadLeases } from '../../../support/fakes/upload-leases';

const close = async (): Promise<void> => Promise.resolve();

describeUploadLeases('fake', () => {
  const inventory = createFakeInventory();
  return Promise.resolve({ leases: createFakeUploadLeases(inventory.contents), inventory, close });
});

describeReclaims('fake', () => Promise.resolve({ reclaims: createFakeReclaims(), close }));

describeGcItemFacts('fake', () => {
  const inventory = createFakeInventory();
  return Promise.resolve({ facts: createFakeGcItemFacts(inventory), inventory, close });
});
