import { CLAIM_ABANDONED_AFTER_MS, type Inventory } from '../../../src/ports/inventory';
import type { TagStore } from '../../../src/ports/ledger';
import { pushOf, REPOSITORY, TAG, type InventoryUnderTest } from './inventory-builders';
import { A, B, digestOf, T0, T1 } from './ledger-builders';

const LONG = CLAIM_ABANDONED_AFTER_MS + 2000;

/** A release claims its tag in the ledger and a push at the gateway: it is one claim. */
export function describeReleaseClaims(under: () => InventoryUnderTest): void {
  let inventory: Inventory;
  let ledger: TagStore;

  beforeEach(() => {
    ({ inventory, ledger } = under());
  });

  describe('claims of releases', () => {
    const image = { repository: REPOSITORY, digest: A };

    it('hold against pushes of other digests, and let pushes of theirs through', async () => {
      await ledger.claimTag(image, TAG, 'run-1', T1);
      await under().pass(LONG);

      expect(await inventory.beginPush(pushOf({ digest: B }), true)).toEqual({
        kind: 'taken',
        digest: A,
        abandoned: false,
        by: 'run-1',
        at: T1,
      });
      expect(await inventory.beginPush(pushOf())).toEqual({ kind: 'same' });
    });

    it('stay when a push of theirs is refused', async () => {
      await ledger.claimTag(image, TAG, 'run-1', T0);
      const refused = pushOf();
      await inventory.beginPush(refused);

      await inventory.abandonPush(refused);

      expect(await ledger.claimTag({ ...image, digest: B }, TAG, 'run-2', T0)).toBe(false);
    });

    it('join the claim of a push under way, and then it does not go with the push', async () => {
      const push = pushOf();
      await inventory.beginPush(push);

      expect(await ledger.claimTag(image, TAG, 'run-1', T0)).toBe(true);
      expect(await ledger.claimTag({ ...image, digest: B }, TAG, 'run-2', T0)).toBe(false);
      await inventory.abandonPush(push);

      expect(
        await inventory.beginPush(pushOf({ digest: digestOf('prober'), actor: 'prober' })),
      ).toMatchObject({ kind: 'taken', digest: A, abandoned: false });
    });

    it('race pushes of other digests: one of them all has the tag', async () => {
      const race = Array.from({ length: 40 }, async (_, index) => {
        const digest = digestOf(`runner ${index}`);
        if (index % 2 === 0) return ledger.claimTag({ ...image, digest }, TAG, 'run', T0);
        return (await inventory.beginPush(pushOf({ digest }))).kind === 'claimed';
      });

      expect((await Promise.all(race)).filter(Boolean)).toHaveLength(1);
    });
  });
}
