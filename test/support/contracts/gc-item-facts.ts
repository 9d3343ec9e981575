import type { Digest } from '../../../src/domain/digest';
import type { GcItemFacts, InventoryFacts } from '../../../src/ports/gc-item-facts';
import type { Inventory } from '../../../src/ports/inventory';
import { child, pushed, REPOSITORY } from './inventory-builders';
import { A, B, C, T0, T1 } from './ledger-builders';

export interface GcItemFactsUnderTest {
  readonly facts: GcItemFacts;
  /** What they are read from. */
  readonly inventory: Inventory;
  close(): Promise<void>;
}

const link = (digest: Digest, suffix = ''): string => `${digest.replace(':', '-')}${suffix}`;
const MOVING = { writeOnce: false } as const;

/** What the last look must know of an item. `open` gives an empty inventory; it is closed after each test. */
export function describeGcItemFacts(name: string, open: () => Promise<GcItemFactsUnderTest>): void {
  describe(`item facts contract: ${name}`, () => {
    let under: GcItemFactsUnderTest;

    beforeEach(async () => {
      under = await open();
    });

    afterEach(async () => {
      await under.close();
    });

    const read = (digest: Digest, tag: string | null = null): Promise<InventoryFacts> =>
      under.facts.read({ repository: REPOSITORY, digest, tag });

    it('say when evidence was tagged, so that an old tag of it is told from a new one', async () => {
      await pushed(under.inventory, { ...MOVING, tag: null, at: T0 });
      await pushed(under.inventory, { ...MOVING, digest: B, subject: A, tag: 'sbom', at: T1 });
      await pushed(under.inventory, { ...MOVING, digest: C, tag: link(A, '.sig'), at: T0 });

      const { referrers } = await read(A);

      expect([...referrers].sort((a, b) => (a.digest < b.digest ? -1 : 1))).toEqual(
        [
          { digest: B, pushedAtMs: Date.parse(T1), taggedAtMs: Date.parse(T1) },
          { digest: C, pushedAtMs: Date.parse(T0), taggedAtMs: null },
        ].sort((a, b) => (a.digest < b.digest ? -1 : 1)),
      );
    });

    it('tell of a tag sha256-HEX what is there of that HEX alone', async () => {
      await pushed(under.inventory, { ...MOVING, tag: null });
      for (const tag of [link(A), link(C)]) {
        await pushed(under.inventory, { ...MOVING, digest: B, tag });
      }

      expect((await read(B, link(A))).subjects).toEqual([A]);
      expect((await read(B, link(C))).subjects).toEqual([]);
      expect((await read(B)).subjects).toEqual([A]);
    });

    it('leave out what an index names itself, as that goes after it', async () => {
      await pushed(under.inventory, { ...MOVING, tag: null });
      await pushed(under.inventory, {
        ...{ ...MOVING, digest: B, tag: null, subject: A },
        edges: [child(A)],
      });

      expect((await read(B)).subjects).toEqual([]);
    });
  });
}
