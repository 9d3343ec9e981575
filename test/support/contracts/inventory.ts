import type { Inventory } from '../../../src/ports/inventory';
import { pushed, REPOSITORY, TAG, type InventoryUnderTest } from './inventory-builders';
import { describeChanges } from './inventory-changes';
import { describeClaims } from './inventory-claims';
import { describeReleaseClaims } from './inventory-release-claims';
import { describeContents } from './inventory-contents';

function describeTurns(under: () => InventoryUnderTest): void {
  let inventory: Inventory;

  beforeEach(() => {
    ({ inventory } = under());
  });

  describe('exclusive work', () => {
    it('runs one at a time under a key, and none of it is lost', async () => {
      let running = 0;
      let most = 0;
      let sum = 0;

      await Promise.all(
        Array.from({ length: 30 }, async () =>
          inventory.exclusively('referrers/a', async () => {
            running += 1;
            most = Math.max(most, running);
            const before = sum;
            await inventory.getTag(REPOSITORY, TAG);
            sum = before + 1;
            running -= 1;
          }),
        ),
      );

      expect({ most, sum }).toEqual({ most: 1, sum: 30 });
    });

    it('runs side by side under different keys', async () => {
      const order: string[] = [];
      let open = (): void => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));

      await Promise.all([
        inventory.exclusively('a', async () => {
          await opened;
          order.push('a');
        }),
        inventory.exclusively('b', () => {
          order.push('b');
          open();
          return Promise.resolve();
        }),
      ]);

      expect(order).toEqual(['b', 'a']);
    });

    it('answers with what the work answers, and frees the key when it throws', async () => {
      const boom = inventory.exclusively('a', async () => Promise.reject(new Error('boom')));

      await expect(boom).rejects.toThrow('boom');
      await expect(inventory.exclusively('a', async () => Promise.resolve(7))).resolves.toBe(7);
    });

    it('leaves room for everything else while many wait for their turn', async () => {
      let open = (): void => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));
      const waiting = Array.from({ length: 60 }, async (_, index) =>
        inventory.exclusively(`key ${index % 12}`, async () => opened),
      );

      await pushed(inventory);
      open();

      await Promise.all(waiting);
      expect((await inventory.getTag(REPOSITORY, TAG))?.tag).toBe(TAG);
    });
  });
}

/** What every inventory must do. `open` gives an empty one; it is closed after each test. */
export function describeInventory(name: string, open: () => Promise<InventoryUnderTest>): void {
  describe(`inventory contract: ${name}`, () => {
    let under: InventoryUnderTest;

    beforeEach(async () => {
      under = await open();
    });

    afterEach(async () => {
      await under.close();
    });

    describeClaims(() => under);
    describeReleaseClaims(() => under);
    describeContents(() => under);
    describeChanges(() => under);
    describeTurns(() => under);
  });
}
