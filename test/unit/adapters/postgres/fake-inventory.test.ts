import { describeInventory } from '../../../support/contracts/inventory';
import { createFakeInventory } from '../../../support/fakes/inventory';

describeInventory('fake', () => {
  const inventory = createFakeInventory();
  return Promise.resolve({
    inventory,
    pendingPushes: inventory,
    ledger: inventory,
    pass: async (ms) => inventory.pass(ms),
    movesOf: (repository, tag) =>
      Promise.resolve(inventory.contents.moves.get(`${repository}:${tag}`) ?? []),
    blobsOf: (repository) => Promise.resolve(inventory.contents.blobsOf(repository)),
    close: () => Promise.resolve(),
  });
});

describe('fake inventory', () => {
  it('fails as often as it is told, then works again', async () => {
    const inventory = createFakeInventory();
    inventory.fail('LEDGER_UNAVAILABLE', 1, 'getTag');

    await expect(inventory.getTag('a', 'b')).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    await expect(inventory.getTag('a', 'b')).resolves.toBeNull();
  });
});
