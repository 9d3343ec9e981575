import type { Component } from '../../../src/domain/advisories/component';
import type { Digest } from '../../../src/domain/digest';
import type { MatchedDatabase, SettledRatings } from '../../../src/ports/advisory-matches';
import { databaseOf, debian, matchedBy, npm, type HitOf } from '../component-builders';
import { pin } from './allow-list';
import { ALL, put, released, type ComponentsUnderTest } from './component-index';
import { A, B, C, digestOf, T0, T1 } from './ledger-builders';

const CVE = 'CVE-2026-0001';
const BEFORE = '2026-01-01T00:00:00.000Z';
const OLD = databaseOf('1');
const NEW = { ...databaseOf('2'), updatedAt: '2026-01-02T06:00:00.000Z' };
const NEWEST = { ...databaseOf('3'), updatedAt: '2026-01-02T12:00:00.000Z' };
const at = (hour: number): string => `2026-02-01T0${hour}:00:00.000Z`;

/** By what a store of matches takes back what it said before. `open` gives an empty one; it is closed after each test. */
export function describeAdvisoryRatings(
  name: string,
  open: () => Promise<ComponentsUnderTest>,
): void {
  describe(`advisory ratings contract: ${name}`, () => {
    let under: ComponentsUnderTest;

    beforeEach(async () => {
      under = await open();
      await released(under.ledger, A);
      await put(under.index, A, [debian(), npm('qs', '6.5.2')], { at: BEFORE });
    });

    afterEach(async () => {
      await under.close();
    });

    async function settle(database: MatchedDatabase, ...hits: readonly HitOf[]): Promise<void> {
      const packages = await under.matches.packages(ALL);
      const matched = packages.map((one) => matchedBy(one, ...(one.name === 'qs' ? [] : hits)));
      await under.matches.settle(database, matched, T1);
    }

    async function match(
      database: MatchedDatabase,
      hour: number,
      ...hits: readonly HitOf[]
    ): Promise<void> {
      await under.matches.begin(database, at(hour));
      await settle(database, ...hits);
      await under.matches.finish(database, at(hour + 1));
    }

    const ratings = (...digests: readonly Digest[]): Promise<SettledRatings | null> =>
      under.matches.ratingsOf(CVE.toLowerCase(), digests);

    it('are told by the newest database, of each digest that is known to the end', async () => {
      await released(under.ledger, B);
      await put(under.index, B, [npm('qs', '6.5.2')]);
      await put(under.index, C, [npm('qs', '6.5.2')], { uncovered: ['packages of sles'] });
      const twice = [{ advisory: CVE, severity: 'MEDIUM' }] as const;
      await match(OLD, 1, ...twice);

      const told = await ratings(A, B, C, digestOf('nowhere'));

      expect(told?.database).toEqual(OLD);
      expect(new Set(told?.ratings)).toEqual(
        new Set([
          { digest: A, severities: ['MEDIUM'] },
          { digest: B, severities: [] },
        ]),
      );
    });

    it('are not told of what was not matched, or was released with another SBOM since', async () => {
      await match(OLD, 1);
      const before = await ratings(A);
      await released(under.ledger, A, 'shop', digestOf('another sbom'));
      const other = await ratings(A);
      await put(under.index, B, [npm('new', '1.0.0')]);

      expect(before).toMatchObject({ ratings: [{ digest: A, severities: [] }] });
      expect([other, await ratings(B)]).toEqual([null, null]);
    });

    it('are not told while another database is gone through', async () => {
      const never = await ratings(A);
      await under.matches.begin(OLD, at(1));
      await settle(OLD);
      const first = await ratings(A);
      await under.matches.finish(OLD, at(2));
      await under.matches.begin(NEW, at(3));
      const second = await ratings(A);
      await under.matches.finish(NEW, at(4));

      expect([never, first, second]).toEqual([null, null, null]);
      expect(await ratings(A)).toMatchObject({ database: NEW });
    });

    it('are not told by a database that is older than another one that was ever begun with', async () => {
      await match(NEW, 1, { advisory: CVE });
      await match(OLD, 3);
      const setBack = await ratings(A);
      await under.matches.begin(NEWEST, at(5));
      await match(NEW, 6, { advisory: CVE });
      const older = await ratings(A);
      await match(NEWEST, 8);

      expect([setBack, older]).toEqual([null, null]);
      expect(await ratings(A)).toMatchObject({ database: NEWEST, ratings: [{ severities: [] }] });
    });

    it('are told by one that comes back, published again', async () => {
      await match(OLD, 1);
      await match(NEW, 3, { advisory: CVE });
      const again = { ...OLD, updatedAt: NEWEST.updatedAt };
      await match(again, 5);

      expect(await ratings(A)).toMatchObject({ database: again, ratings: [{ severities: [] }] });
      expect(await under.matches.matchedWith()).toEqual(again);
    });

    it('are not told while one is gone through again that was left half-way before', async () => {
      await under.matches.begin(OLD, at(1));
      await match(NEW, 2, { advisory: CVE });
      await under.matches.begin(OLD, at(4));
      await settle(OLD);

      expect(await ratings(A)).toBeNull();
    });

    describe('what is not matched yet', () => {
      const late = (svc = 'shop'): Component => npm(`late-${svc}`, '1.0.0');
      const places = async (limit = 10): Promise<unknown> =>
        under.matches.unmatched(['cart', 'shop'], limit);

      it('is what a channel points at and is not indexed by its SBOM, or not matched', async () => {
        await released(under.ledger, B);
        await pin(under.ledger, B, T0);
        await released(under.ledger, C);
        await match(OLD, 1);
        const missing = await places();
        await put(under.index, B, [late()]);
        const unmatched = await places();
        await match(OLD, 3);
        const matched = await places();
        await released(under.ledger, B, 'shop', digestOf('another sbom'));

        const place = { svc: 'shop', digest: B, where: 'prod:stable' };
        expect([missing, unmatched, matched]).toEqual([[place], [place], []]);
        expect(await places()).toEqual([place]);
        expect(await places(0)).toEqual([]);
        expect(await under.matches.unmatched(['cart'], 10)).toEqual([]);
      });

      it('is what runs likewise', async () => {
        await released(under.ledger, B);
        const running = { svc: 'shop', env: 'prod', digest: B } as const;
        await under.matches.recordRunning([running], [running], T0);

        expect(await places()).toEqual([{ svc: 'shop', digest: B, where: 'runs in prod' }]);
      });

      it('is not what has no SBOM on record, or was deleted', async () => {
        await pin(under.ledger, C, T0);
        await released(under.ledger, B);
        await pin(under.ledger, B, T1);
        await under.index.forget({ repository: 'apps/shop/web', digest: B }, T1);

        expect(await places()).toEqual([]);
      });
    });
  });
}
