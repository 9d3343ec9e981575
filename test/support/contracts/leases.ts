import type { Lease } from '../../../src/domain/lease';
import type { Leases } from '../../../src/ports/leases';
import { A, B, C, T0, T1 } from './ledger-builders';

export interface LeasesUnderTest {
  readonly leases: Leases;
  close(): Promise<void>;
}

const REPOSITORY = 'apps/shop/shop';
const T2 = '2026-01-02T04:00:00.000Z';
const T3 = '2026-01-02T05:00:00.000Z';

export function leaseOf(over: Partial<Omit<Lease, 'takenAt'>> = {}): Omit<Lease, 'takenAt'> {
  return {
    repository: REPOSITORY,
    digest: A,
    reason: 'rollback-target',
    svc: 'shop',
    renewedAt: T0,
    expiresAt: T2,
    ...over,
  };
}

/** What every store of leases must do. `open` gives an empty one; it is closed after each test. */
export function describeLeases(name: string, open: () => Promise<LeasesUnderTest>): void {
  describe(`leases contract: ${name}`, () => {
    let under: LeasesUnderTest;
    let leases: Leases;

    beforeEach(async () => {
      under = await open();
      ({ leases } = under);
    });

    afterEach(async () => {
      await under.close();
    });

    it('keep a digest of one repository until their end, and not at it', async () => {
      const taken = await leases.renew(leaseOf());

      expect(taken).toEqual({ ...leaseOf(), takenAt: T0 });
      expect(await leases.find(REPOSITORY, [B, A], T1)).toEqual([taken]);
      expect(await leases.find(REPOSITORY, [A], T2)).toEqual([]);
      expect(await leases.find(REPOSITORY, [B], T1)).toEqual([]);
      expect(await leases.find('apps/shop/other', [A], T1)).toEqual([]);
      expect(await leases.find(REPOSITORY, [], T1)).toEqual([]);
    });

    it('last longer when they are renewed, never shorter', async () => {
      await leases.renew(leaseOf());

      const longer = await leases.renew(leaseOf({ renewedAt: T1, expiresAt: T3 }));
      const late = await leases.renew(leaseOf({ renewedAt: T0, expiresAt: T2 }));

      expect(longer).toEqual({ ...leaseOf({ renewedAt: T1, expiresAt: T3 }), takenAt: T0 });
      expect(late).toEqual(longer);
    });

    it('are one when many renew it at once', async () => {
      await Promise.all(Array.from({ length: 8 }, async () => leases.renew(leaseOf())));

      expect(await leases.find(REPOSITORY, [A], T1)).toHaveLength(1);
    });

    it('of several services name the one that lasts longest first', async () => {
      await leases.renew(leaseOf());
      await leases.renew(leaseOf({ svc: 'cart', expiresAt: T3 }));
      await leases.renew(leaseOf({ digest: C }));

      const found = await leases.find(REPOSITORY, [A], T1);

      expect(found.map(({ svc }) => svc)).toEqual(['cart', 'shop']);
    });

    it('begin anew once they have ended', async () => {
      await leases.renew(leaseOf());

      const again = await leases.renew(leaseOf({ renewedAt: T2, expiresAt: T3 }));

      expect(again.takenAt).toBe(T2);
    });
  });
}
