import { denialOf, type AllowListUnderTest } from './allow-list';
import { child, pushed } from './inventory-builders';
import { A, B, C, digestOf, T0, T1 } from './ledger-builders';

const INDEX = digestOf('index');

/** What every allow-list says of all that its denials keep out. `open` gives an empty one, and what it keeps. */
export function describeDenied(
  open: () => Pick<AllowListUnderTest, 'allowList' | 'inventory'>,
): void {
  describe('what is denied', () => {
    it('is each digest once, with what holds it and what it holds, by the denial that names it first', async () => {
      const { allowList, inventory } = open();
      await pushed(inventory, { tag: null, digest: A });
      await pushed(inventory, { tag: null, digest: B });
      await pushed(inventory, { digest: INDEX, edges: [child(A), child(B)] });
      await allowList.addDenial(denialOf({ digest: INDEX }));
      await allowList.addDenial(denialOf({ digest: A, reason: 'its own', by: 'frank', at: T1 }));

      const denied = await allowList.listDenied();

      const ofIndex = { cause: INDEX, reason: 'leaks data', by: 'erin', at: T0 };
      expect(denied).toHaveLength(3);
      expect(denied).toEqual(
        expect.arrayContaining([
          { digest: A, cause: A, reason: 'its own', by: 'frank', at: T1 },
          { ...ofIndex, digest: B },
          { ...ofIndex, digest: INDEX },
        ]),
      );
    });

    it('reaches from a manifest to the index that holds it, and not to others in there', async () => {
      const { allowList, inventory } = open();
      await pushed(inventory, { tag: null, digest: A });
      await pushed(inventory, { tag: null, digest: B });
      await pushed(inventory, { digest: INDEX, edges: [child(A), child(B)] });
      await allowList.addDenial(denialOf());

      const denied = await allowList.listDenied();

      expect(denied.map(({ digest }) => digest)).toEqual(expect.arrayContaining([A, INDEX]));
      expect(denied).toHaveLength(2);
    });

    it('is no more what somebody lifted', async () => {
      const { allowList } = open();
      await allowList.addDenial(denialOf({ digest: C }));
      await allowList.liftDenial(C, 'frank', 'false alarm', T1);

      expect(await allowList.listDenied()).toEqual([]);
    });
  });
}
