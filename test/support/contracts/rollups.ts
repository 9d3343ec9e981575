import type { RollupOptOut } from '../../../src/domain/rollup/plan';
import type { RollupReport } from '../../../src/domain/rollup/report';
import type { Ledger } from '../../../src/ports/ledger';
import type { Rollups } from '../../../src/ports/rollups';
import type { Digest } from '../../../src/domain/digest';
import { makeStable } from '../stable-release';
import { A, B, moveOf, STABLE, T0, T1 } from './ledger-builders';

export interface RollupsUnderTest {
  readonly rollups: Rollups;
  /** Of the same database; services `cart` and `shop` are in its catalogue. */
  readonly ledger: Ledger;
  close(): Promise<void>;
}

export function rollupReport(over: Partial<RollupReport> = {}): RollupReport {
  return {
    ...{ id: 'monthly-1', cause: { kind: 'monthly' }, startedAt: T0, endedAt: null, outcome: null },
    ...{ reason: null, paused: false, stopped: null, wave: 0, soakUntil: null, waves: [] },
    ...{ current: 3, tasks: [], notes: [] },
    ...over,
  };
}

export function optOutOf(over: Partial<RollupOptOut> = {}): RollupOptOut {
  return { svc: 'shop', reason: 'moves to Java 25 first', until: T1, by: 'olga', at: T0, ...over };
}

/** What every record of rollups must do. `open` gives an empty one; it is closed after each test. */
export function describeRollups(name: string, open: () => Promise<RollupsUnderTest>): void {
  describe(`rollups contract: ${name}`, () => {
    let under: RollupsUnderTest;
    let rollups: Rollups;

    beforeEach(async () => {
      under = await open();
      ({ rollups } = under);
    });

    afterEach(async () => {
      await under.close();
    });

    const release = (svc: string, digest: Digest): Promise<string> =>
      makeStable(under.ledger, svc, digest);

    it('replaces the report of a rollup until it has ended, and lists the newest first', async () => {
      await rollups.save(rollupReport());
      await rollups.save(rollupReport({ id: 'cve-2' }));
      await rollups.save(rollupReport({ wave: 2 }));
      await rollups.save(rollupReport({ wave: 3, endedAt: T1, outcome: 'done' }));
      await rollups.save(rollupReport({ wave: 4 }));

      expect(await rollups.get('monthly-1')).toEqual(
        rollupReport({ wave: 3, endedAt: T1, outcome: 'done' }),
      );
      expect(await rollups.get('other')).toBeNull();
      expect((await rollups.list(10)).map(({ id }) => id)).toEqual(['cve-2', 'monthly-1']);
      expect((await rollups.list(1)).map(({ id }) => id)).toEqual(['cve-2']);
    });

    it('keeps one opt-out a service, the newest', async () => {
      await rollups.optOut(optOutOf());
      await rollups.optOut(optOutOf({ svc: 'cart' }));
      await rollups.optOut(optOutOf({ reason: 'again' }));

      expect(await rollups.listOptOuts()).toEqual([
        optOutOf({ svc: 'cart' }),
        optOutOf({ reason: 'again' }),
      ]);
      expect(await rollups.removeOptOut('cart')).toBe(true);
      expect(await rollups.removeOptOut('cart')).toBe(false);
      expect(await rollups.listOptOuts()).toEqual([optOutOf({ reason: 'again' })]);
    });

    it('says what is stable, with the release that made it so', async () => {
      const releaseId = await release('shop', A);

      const source = { kind: 'source', path: 'shop' };
      const shop = { releaseId, version: '1.0.0', revision: 'abc1234', origin: source };
      expect(await rollups.stable(null)).toEqual([{ svc: 'shop', digest: A, release: shop }]);
      expect(await rollups.stable(['cart'])).toEqual([]);
      expect(await rollups.stable(['shop'])).toHaveLength(1);
    });

    it('knows no release of what another way made stable', async () => {
      const { ledger } = under;
      const move = moveOf({ epoch: await ledger.bumpEpoch('shop', 'k1') });
      await ledger.beginMove(move);
      await ledger.completeMove(move, T0);

      expect(await rollups.stable(null)).toEqual([{ svc: 'shop', digest: A, release: null }]);
    });

    it('sees how far releases are, what is stable now, and what is remembered as bad', async () => {
      const releaseId = await release('shop', A);
      const bad = { svc: 'shop', digest: A, reason: 'errors 12 %', at: T1, actor: 'olga' };
      await under.ledger.markBad(bad);
      await release('cart', B);

      const asked = [
        { svc: 'shop', releaseId },
        { svc: 'cart', releaseId: 'cart/2.0.0_abc1234' },
      ];

      expect(await rollups.sight(asked)).toEqual([
        {
          ...{ svc: 'shop', releaseId, stage: 'done', outcome: 'released' },
          ...{ reason: 'it is stable', digest: A, stable: A, bad: 'errors 12 %' },
        },
        {
          ...{ svc: 'cart', releaseId: 'cart/2.0.0_abc1234', stage: null, outcome: null },
          ...{ reason: null, digest: null, stable: B, bad: null },
        },
      ]);
      await under.ledger.releaseBad('shop', A, 'sven', 'it was the network', T1);
      expect(await rollups.sight(asked.slice(0, 1))).toMatchObject([{ bad: null }]);
      expect((await under.ledger.getChannel('shop', STABLE))?.digest).toBe(A);
    });
  });
}
