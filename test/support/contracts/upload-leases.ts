import type { Inventory } from '../../../src/ports/inventory';
import type { UploadLeases } from '../../../src/ports/upload-leases';
import { layer, pushed, REPOSITORY } from './inventory-builders';
import { A, B, C, T0, T1 } from './ledger-builders';

export interface UploadLeasesUnderTest {
  readonly leases: UploadLeases;
  /** Whose manifests it knows. */
  readonly inventory: Inventory;
  close(): Promise<void>;
}

const blob = (digest: typeof A): { repository: string; digest: typeof A } => ({
  repository: REPOSITORY,
  digest,
});
const LONG_AGO = '2020-01-01T00:00:00.000Z';

/** What every store of upload leases must do. `open` gives an empty one; it is closed after each test. */
export function describeUploadLeases(
  name: string,
  open: () => Promise<UploadLeasesUnderTest>,
): void {
  describe(`upload leases contract: ${name}`, () => {
    let under: UploadLeasesUnderTest;
    let leases: UploadLeases;

    beforeEach(async () => {
      under = await open();
      ({ leases } = under);
    });

    afterEach(async () => {
      await under.close();
    });

    const listed = async (since: string): Promise<readonly string[]> =>
      (await leases.listLeased({ since, after: null, limit: 10 })).map(({ digest }) => digest);

    it('are taken by the end of an upload that was stored, and by nothing else', async () => {
      for (const [id, digest] of [
        ['one', A],
        ['two', B],
      ] as const) {
        await leases.beginCommit(id, blob(digest));
      }
      expect(await leases.countCommits(LONG_AGO)).toBe(2);

      await leases.endCommit('one', { stored: true, at: T0 });
      await leases.endCommit('two', { stored: false, at: T0 });
      await leases.endCommit('two', { stored: true, at: T0 });

      expect(await leases.countCommits(LONG_AGO)).toBe(0);
      expect(await listed(T0)).toEqual([A]);
    });

    it('last from the newest look on', async () => {
      await leases.lease(blob(A), T1);
      await leases.lease(blob(A), T0);
      await leases.lease(blob(B), T0);

      expect(await listed(T1)).toEqual([A]);
      expect([...(await listed(T0))].sort()).toEqual([A, B].sort());
    });

    it('are listed in pages, each once', async () => {
      for (const digest of [A, B, C]) await leases.lease(blob(digest), T0);

      const page = await leases.listLeased({ since: T0, after: null, limit: 2 });
      const rest = await leases.listLeased({ since: T0, after: page.at(-1) ?? null, limit: 2 });

      expect([...page, ...rest].map(({ digest }) => digest)).toEqual([A, B, C].sort());
    });

    it('are not needed for what a manifest of the repository names', async () => {
      const edge = layer('named');
      await leases.lease({ repository: REPOSITORY, digest: edge.digest }, T0);
      await leases.lease({ repository: 'apps/shop/other', digest: edge.digest }, T0);

      await pushed(under.inventory, { edges: [edge] });

      expect(await leases.isNamed({ repository: REPOSITORY, digest: edge.digest })).toBe(true);
      expect(await leases.isNamed({ repository: REPOSITORY, digest: A })).toBe(false);
      expect(await leases.listLeased({ since: T0, after: null, limit: 9 })).toEqual([
        { repository: 'apps/shop/other', digest: edge.digest },
      ]);
    });

    it('are forgotten', async () => {
      await leases.lease(blob(A), T0);
      await leases.lease(blob(B), T1);

      await leases.forget(T1);

      expect(await listed(LONG_AGO)).toEqual([B]);
    });
  });
}
