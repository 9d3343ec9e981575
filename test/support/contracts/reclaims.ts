import type { Reclaims } from '../../../src/ports/reclaims';
import { A, T0, T1 } from './ledger-builders';

export interface ReclaimsUnderTest {
  readonly reclaims: Reclaims;
  close(): Promise<void>;
}

/** What every record of reclaims must do. `open` gives an empty one; it is closed after each test. */
export function describeReclaims(name: string, open: () => Promise<ReclaimsUnderTest>): void {
  describe(`reclaims contract: ${name}`, () => {
    let under: ReclaimsUnderTest;
    let reclaims: Reclaims;

    beforeEach(async () => {
      under = await open();
      ({ reclaims } = under);
    });

    afterEach(async () => {
      await under.close();
    });

    it('are begun once', async () => {
      const begun = await reclaims.begin('one', T0);
      await reclaims.tell('one', { closedAt: T1 });

      expect(begun).toEqual({
        ...{ id: 'one', state: 'running', plannedBytes: 0, startedAt: T0 },
        ...{ beforeBytes: null, afterBytes: null, blobs: null },
        ...{ closedAt: null, openedAt: null, endedAt: null, reason: null, leaseManifests: [] },
      });
      expect(await reclaims.begin('one', T1)).toEqual({ ...begun, closedAt: T1 });
    });

    it('keep what they are told, newest first', async () => {
      await reclaims.begin('one', T0);
      await reclaims.begin('two', T1);
      const told = {
        ...{ state: 'failed' as const, beforeBytes: 2 ** 40, afterBytes: 0, blobs: 7 },
        ...{ closedAt: T0, openedAt: T1, endedAt: T1, reason: 'it was killed' },
        leaseManifests: [{ repository: 'apps/shop/web', digest: A }],
      };
      await reclaims.tell('one', told);

      const [newest, older] = await reclaims.list(10);

      expect(newest?.id).toBe('two');
      expect(older).toMatchObject(told);
      expect(await reclaims.list(1)).toEqual([newest]);
    });
  });
}
