import type { Inventory, ManifestChange, PushRecord } from '../../../src/ports/inventory';
import { child, pushed, pushOf, REPOSITORY, type InventoryUnderTest } from './inventory-builders';
import { A, B, C } from './ledger-builders';

const later = (ms: number): string => new Date(Date.now() + ms).toISOString();
const LONG_AGO = '2020-01-01T00:00:00.000Z';

/** By its digest, now. */
const plain = (over: Partial<PushRecord>): Partial<PushRecord> => ({
  ...{ tag: null, writeOnce: false, at: new Date().toISOString() },
  ...over,
});

/** What may keep a manifest that was planned to go, and who waits for whom. */
export function describeChanges(under: () => InventoryUnderTest): void {
  let inventory: Inventory;

  beforeEach(() => {
    ({ inventory } = under());
  });

  async function kinds(since: string): Promise<readonly ManifestChange['kind'][]> {
    const changes = await inventory.listChanges(REPOSITORY, A, since);
    return changes.map(({ kind }) => kind).sort();
  }

  describe('what happened to a manifest', () => {
    it('is its push, its tags, reads, what refers to it and what names it', async () => {
      await pushed(inventory, plain({ tag: 'one' }));
      await pushed(inventory, plain({ digest: B, subject: A }));
      await pushed(inventory, plain({ digest: C, edges: [child(A)] }));
      await inventory.recordActivity([
        { repository: REPOSITORY, tag: null, digest: A, at: later(0) },
      ]);

      expect(await kinds(LONG_AGO)).toEqual(['parent', 'pulled', 'pushed', 'referrer', 'tag']);
      expect(await kinds(later(60_000))).toEqual([]);
    });

    it.each(['', '.sig', '.att', '.sbom'])(
      'is what a tag sha256-HEX%s attaches, and its push',
      async (suffix) => {
        const tag = `${A.replace(':', '-')}${suffix}`;
        await pushed(inventory, plain({ digest: B, tag }));
        expect(await kinds(LONG_AGO)).toEqual(['referrer']);

        await inventory.beginPush(pushOf(plain({ digest: C, tag })));
        expect(await kinds(later(60_000))).toEqual(['pushing']);
      },
    );

    it('is nothing of another repository', async () => {
      await pushed(inventory, plain({ repository: 'apps/shop/other' }));

      expect(await kinds(LONG_AGO)).toEqual([]);
    });

    it('is that it is pushed again, though it was there', async () => {
      await pushed(inventory, plain({ at: LONG_AGO }));
      const since = later(0);
      await pushed(inventory, plain({}));

      expect(await kinds(since)).toEqual(['pushed']);
    });

    it.each<[string, Partial<PushRecord>]>([
      ['of it', { digest: A }],
      ['of what names it', { digest: C, edges: [child(A)] }],
      ['of what refers to it', { digest: B, subject: A }],
    ])('is a push %s that has not ended, whenever it began', async (_what, push) => {
      await inventory.beginPush(pushOf(plain({ ...push, at: LONG_AGO })));

      expect(await kinds(later(60_000))).toEqual(['pushing']);
    });
  });

  describe('a look before a push', () => {
    it('counts as a read, and tells whether it is there', async () => {
      await pushed(inventory, plain({ tag: 'one', at: LONG_AGO }));
      const since = later(0);
      const look = { repository: REPOSITORY, tag: 'one', digest: A, at: later(1000) };

      expect(await inventory.recordCheck(look, [])).toBe(true);
      expect(await inventory.recordCheck({ ...look, digest: B }, [])).toBe(false);
      const changes = await inventory.listChanges(REPOSITORY, A, since);
      expect(changes.map(({ kind }) => kind)).toContain('pulled');
    });

    it('waits for a delete that is under way', async () => {
      await pushed(inventory, plain({}));
      const order: string[] = [];
      let look: Promise<boolean> = Promise.resolve(true);

      await inventory.exclusively(['delete of a'], async () => {
        const check = { repository: REPOSITORY, tag: null, digest: A, at: later(0) };
        look = inventory.recordCheck(check, ['delete of a']).finally(() => order.push('looked'));
        await new Promise((resolve) => setTimeout(resolve, 100));
        await inventory.recordManifestDelete(REPOSITORY, A, 'retention', later(0));
        order.push('deleted');
      });

      expect(await look).toBe(false);
      expect(order).toEqual(['deleted', 'looked']);
    });
  });

  describe('a push', () => {
    it('begins after a delete of the last of many that it names', async () => {
      const order: string[] = [];
      let push: Promise<unknown> = Promise.resolve();
      const after = Array.from({ length: 250 }, (_, child) => `delete of ${child}`);

      await inventory.exclusively(['delete of 249'], async () => {
        push = inventory.beginPush(pushOf(plain({ after }))).finally(() => order.push('begun'));
        await new Promise((resolve) => setTimeout(resolve, 100));
        order.push('deleted');
      });
      await push;

      expect(order).toEqual(['deleted', 'begun']);
    });

    it('begins after a delete of what it names', async () => {
      const order: string[] = [];
      let push: Promise<unknown> = Promise.resolve();

      await inventory.exclusively(['referrers', 'delete of a'], async () => {
        push = inventory
          .beginPush(pushOf(plain({ after: ['delete of b', 'delete of a'] })))
          .finally(() => order.push('begun'));
        await new Promise((resolve) => setTimeout(resolve, 100));
        order.push('deleted');
      });
      await push;

      expect(order).toEqual(['deleted', 'begun']);
    });
  });
}
