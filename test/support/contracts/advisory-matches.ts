import type { Digest } from '../../../src/domain/digest';
import type { MatchedPackage } from '../../../src/ports/advisory-matches';
import { databaseOf, debian, matchedBy, npm, type HitOf } from '../component-builders';
import { pin } from './allow-list';
import { ALL, put, released, type ComponentsUnderTest } from './component-index';
import { A, B, C, CANDIDATE, T0, T1 } from './ledger-builders';

const CVE = 'CVE-2026-0001';
const OLD = databaseOf('1');
const NEW = databaseOf('2');
const BEFORE = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-03T00:00:00.000Z';

/** What every store of matches must do. `open` gives an empty one; it is closed after each test. */
export function describeAdvisoryMatches(
  name: string,
  open: () => Promise<ComponentsUnderTest>,
): void {
  describe(`advisory matches contract: ${name}`, () => {
    let under: ComponentsUnderTest;

    beforeEach(async () => {
      under = await open();
    });

    afterEach(async () => {
      await under.close();
    });

    /** All of the index, each package by its name. */
    async function match(
      hits: Readonly<Record<string, readonly HitOf[]>>,
      database = OLD,
      at = T0,
    ): Promise<void> {
      await under.matches.begin(database, at);
      const packages = await under.matches.packages(ALL);
      const matched = packages.map((one) => matchedBy(one, ...(hits[one.name] ?? [])));
      await under.matches.settle(database, matched, at);
      await under.matches.finish(database, at);
    }

    async function release(digest: Digest, ...of: Parameters<typeof put>[2][]): Promise<void> {
      await released(under.ledger, digest);
      await put(under.index, digest, of.flat(), { at: BEFORE });
    }

    it('knows the database that all was matched with last', async () => {
      expect(await under.matches.matchedWith()).toBeNull();

      await match({}, OLD, T0);
      await under.matches.begin(NEW, T1);

      expect(await under.matches.matchedWith()).toEqual(OLD);
      await under.matches.finish(NEW, T1);
      expect(await under.matches.matchedWith()).toEqual(NEW);
      await match({}, OLD, LATER);
      expect(await under.matches.matchedWith()).toEqual(OLD);
    });

    it('tells packages in pages, with the advisories that they were matched with', async () => {
      await put(under.index, A, [debian(), npm('qs', '6.5.2')]);

      const [first] = await under.matches.packages({ ...ALL, limit: 1 });
      const rest = await under.matches.packages({ ...ALL, after: first!.id });
      await under.matches.begin(OLD, T0);
      await under.matches.settle(OLD, [matchedBy(first!, { advisory: CVE })], T0);

      const again = await under.matches.packages(ALL);
      expect(rest).toHaveLength(1);
      expect(again.map(({ advisories }) => advisories)).toEqual(['02'.repeat(32), null]);
      expect(await under.matches.packages({ ...ALL, unmatched: true })).toEqual(rest);
    });

    it('leaves a package unmatched that got a component while it was matched', async () => {
      await put(under.index, A, [debian()]);
      await under.matches.begin(OLD, T0);
      const [read] = await under.matches.packages(ALL);
      await put(under.index, B, [debian({ version: '3.0.1' })]);

      await under.matches.settle(OLD, [matchedBy(read!)], T0);

      const unmatched = await under.matches.packages({ ...ALL, unmatched: true });
      expect(unmatched).toMatchObject([{ name: 'openssl', advisories: null }]);
      expect(unmatched[0]?.components).toHaveLength(2);
    });

    it('counts what appeared, changed and vanished, and once only', async () => {
      await put(under.index, A, [debian()]);
      await under.matches.begin(OLD, T0);
      const [one] = await under.matches.packages(ALL);
      const settle = (...hits: readonly HitOf[]): Promise<unknown> =>
        under.matches.settle(OLD, [matchedBy(one!, ...hits)], T1);

      expect(await settle({ advisory: CVE })).toEqual({ appeared: 1, vanished: 0, changed: 0 });
      expect(await settle({ advisory: CVE })).toEqual({ appeared: 0, vanished: 0, changed: 0 });
      expect(await settle({ advisory: CVE, severity: 'CRITICAL' }, { advisory: 'X-1' })).toEqual({
        ...{ appeared: 1, vanished: 0, changed: 1 },
      });
      expect(await settle({ advisory: CVE, severity: 'CRITICAL', fixedVersion: '4' })).toEqual({
        ...{ appeared: 0, vanished: 1, changed: 1 },
      });
      expect(await settle()).toEqual({ appeared: 0, vanished: 1, changed: 0 });
    });

    it('passes by what was forgotten while it was matched', async () => {
      await put(under.index, A, [debian(), npm('qs', '6.5.2')]);
      await under.matches.begin(OLD, T0);
      const packages = await under.matches.packages(ALL);
      await put(under.index, A, [debian()]);

      const matched = packages.map((one): MatchedPackage => matchedBy(one, { advisory: CVE }));
      await under.matches.settle(OLD, matched, T0);

      expect(await under.matches.impact({ kind: 'advisory', id: CVE }, 10)).toMatchObject({
        ...{ total: 1, digests: [{ components: [{ advisory: CVE }] }] },
      });
    });

    it('finds what an advisory hits, with channels, workloads and since when', async () => {
      await release(A, [debian(), npm('qs', '6.5.2')]);
      await release(B, [debian()]);
      await release(C, [npm('qs', '6.5.2')]);
      await pin(under.ledger, A, T1);
      await pin(under.ledger, B, T1, CANDIDATE);
      const running = { svc: 'shop', env: 'prod', digest: A } as const;
      await under.matches.recordRunning([running], [running], LATER);
      await match({ openssl: [{ advisory: CVE, severity: 'HIGH', fixedVersion: '3.0.12' }] });

      const impact = await under.matches.impact({ kind: 'advisory', id: 'cve-2026-0001' }, 10);

      const hit = { advisory: CVE, severity: 'HIGH', fixedVersion: '3.0.12', knownSince: T0 };
      const components = [{ purl: debian().purl, ...hit }];
      const common = { services: ['shop'], components };
      expect(impact).toEqual({
        total: 2,
        digests: [
          {
            ...{ digest: A, ...common },
            channels: [{ svc: 'shop', channel: 'prod:stable', since: T1 }],
            running: [{ svc: 'shop', env: 'prod', seenAt: LATER }],
          },
          {
            ...{ digest: B, ...common, running: [] },
            channels: [{ svc: 'shop', channel: 'prod:candidate', since: T1 }],
          },
        ],
      });
      expect(await under.matches.impact({ kind: 'advisory', id: CVE }, 1)).toMatchObject({
        ...{ total: 2, digests: [{ digest: A }] },
      });
    });

    it('says of which digests it can tell whether an advisory hits them', async () => {
      await release(A, [debian(), npm('qs', '6.5.2')]);
      await release(B, [npm('qs', '6.5.2')]);
      await put(under.index, C, [npm('left', '1.0.0')], { uncovered: ['packages of sles'] });
      await match({ openssl: [{ advisory: CVE }], left: [{ advisory: 'CVE-2026-0002' }] });
      const unknown: Digest = `sha256:${'9'.repeat(64)}`;
      const all = [C, B, A, unknown];
      const byDigest = (a: { digest: Digest }, b: { digest: Digest }): number =>
        a.digest < b.digest ? -1 : 1;

      const first = await under.matches.hitsWhich(CVE.toLowerCase(), all);
      const second = await under.matches.hitsWhich('CVE-2026-0002', all);
      await put(under.index, B, [npm('new', '1.0.0')]);
      const unmatched = await under.matches.hitsWhich(CVE, [B]);

      expect([...first].sort(byDigest)).toEqual(
        [A, B].sort().map((digest) => ({ digest, hit: digest === A })),
      );
      expect(second).toContainEqual({ digest: C, hit: true });
      expect(unmatched).toEqual([]);
    });

    it('finds who has a package: by its name, its source, and its version in either spelling', async () => {
      const epoch = '1:3.0.11+dfsg-1';
      const purl = 'pkg:deb/debian/libssl3@3.0.11%2Bdfsg-1?arch=amd64&epoch=1';
      await release(A, [debian({ version: epoch, purl })]);
      await release(B, [npm('%40angular/core', '17.0.0')]);
      await match({});
      const find = async (base: string, version: string | null = null): Promise<unknown> => {
        const { digests } = await under.matches.impact({ kind: 'package', base, version }, 10);
        return digests.map(({ digest }) => digest);
      };

      expect(await find('pkg:deb/debian/libssl3')).toEqual([A]);
      expect(await find('pkg:deb/debian/openssl')).toEqual([A]);
      expect(await find('pkg:deb/debian/openssl', epoch)).toEqual([A]);
      expect(await find('pkg:deb/debian/libssl3', '3.0.11+dfsg-1')).toEqual([A]);
      expect(await find('pkg:deb/debian/libssl3', '3.0.12')).toEqual([]);
      expect(await find('pkg:deb/ubuntu/openssl')).toEqual([]);
      expect(await find('pkg:npm/%40angular/core', '17.0.0')).toEqual([B]);
      expect(
        await under.matches.impact(
          { kind: 'package', base: 'pkg:npm/%40angular/core', version: null },
          1,
        ),
      ).toMatchObject({
        digests: [{ components: [{ advisory: null, severity: null, knownSince: null }] }],
      });
    });

    it('finds what the newest database brought to what is in use, and not what came with an image', async () => {
      await release(A, [debian(), npm('qs', '6.5.2')]);
      await release(B, [debian()]);
      await pin(under.ledger, A, T1);
      await match({ qs: [{ advisory: 'CVE-OLD', severity: 'MEDIUM' }] }, OLD, T0);
      const brought = {
        openssl: [{ advisory: CVE }],
        qs: [{ advisory: 'CVE-OLD', severity: 'HIGH' }],
      } as const;
      await match(brought, NEW, T1);
      await released(under.ledger, C);
      await put(under.index, C, [npm('late', '1.0.0')], { at: LATER });
      const [late] = await under.matches.packages({ ...ALL, unmatched: true });
      await under.matches.settle(NEW, [matchedBy(late!, { advisory: 'CVE-LATE' })], LATER);
      await pin(under.ledger, C, LATER, CANDIDATE);

      const { total, digests } = await under.matches.impact({ kind: 'database' }, 10);

      expect(total).toBe(1);
      expect(digests).toMatchObject([
        { digest: A, components: [{ advisory: CVE }, { advisory: 'CVE-OLD', severity: 'HIGH' }] },
      ]);
    });

    it('tells Critical and High on what is in a channel or runs, the severest of each image', async () => {
      const twin = debian({ purl: 'pkg:deb/debian/openssl@3?arch=amd64' });
      await release(A, [debian(), twin]);
      await release(B, [npm('qs', '6.5.2')]);
      await release(C, [debian()]);
      await pin(under.ledger, A, T1);
      await pin(under.ledger, A, LATER, CANDIDATE);
      const running = { svc: 'shop', env: 'stg', digest: B } as const;
      await under.matches.recordRunning([running], [running], LATER);
      const medium = { advisory: 'CVE-MEDIUM', severity: 'MEDIUM' } as const;
      await match({
        openssl: [{ advisory: CVE, severity: 'CRITICAL', fixedVersion: '4' }, medium],
        qs: [{ advisory: CVE, severity: 'HIGH' }],
      });

      const hits = await under.matches.hits();

      const shop = { advisory: CVE, svc: 'shop' };
      const ofA = {
        ...{ ...shop, severity: 'CRITICAL', digest: A, purl: debian().purl, fixedVersion: '4' },
        ...{ channels: ['prod:candidate', 'prod:stable'], running: [], since: T1 },
      };
      const ofB = {
        ...{ ...shop, severity: 'HIGH', digest: B, purl: npm('qs', '6.5.2').purl },
        ...{ fixedVersion: null, channels: [], running: ['stg'], since: null },
      };
      expect(hits).toEqual([ofA, ofB].sort((a, b) => (a.digest < b.digest ? -1 : 1)));
      expect(await under.matches.hits(CVE.toLowerCase())).toEqual(hits);
      expect(await under.matches.hits('CVE-MEDIUM')).toEqual([]);
    });

    it('keeps what a target said that did not answer', async () => {
      await release(A, [debian()]);
      const prod = { svc: 'shop', env: 'prod', digest: A } as const;
      const stg = { svc: 'shop', env: 'stg', digest: A } as const;
      await under.matches.recordRunning([prod, stg], [prod, stg], T0);
      await under.matches.recordRunning([stg], [], T1);
      await match({ openssl: [{ advisory: CVE }] });

      expect(await under.matches.hits()).toMatchObject([{ running: ['prod'] }]);
    });

    describe('as rescans see it', () => {
      const window = { windowSince: '2999-01-01T00:00:00.000Z', windowPins: 0, limit: 10 };

      async function touched(): Promise<readonly (boolean | null)[]> {
        return (await under.rescans.listKept(window)).map((one) => one.touched);
      }

      async function scan(at: string): Promise<void> {
        const verdict = { gate: 'scan', subject: A, outcome: 'pass', reasons: [] } as const;
        const evidence = { database: { digest: OLD.digest }, refused: [] };
        const releaseId = `shop/1.0.0_${A.slice(7, 14)}`;
        await under.ledger.recordRescan(releaseId, `at ${at}`, 'h', { ...verdict, evidence }, at);
      }

      beforeEach(async () => {
        await released(under.ledger, A);
        await pin(under.ledger, A, BEFORE);
        await scan(T1);
      });

      it('can not tell of what is not indexed, not matched, or not covered', async () => {
        const before = await touched();
        await put(under.index, A, [debian()]);
        const indexed = await touched();
        await match({}, OLD, T0);
        const matched = await touched();
        await put(under.index, A, [debian()], { uncovered: ['conda'] });

        expect([before, indexed, matched, await touched()]).toEqual([
          [null],
          [null],
          [false],
          [null],
        ]);
        expect(await under.rescans.listKept({ ...window, touched: true })).toEqual([]);
      });

      it('is touched by what came, changed or went since it was scanned, until it is scanned', async () => {
        await put(under.index, A, [debian()], { at: BEFORE });
        await match({ openssl: [{ advisory: CVE }] }, OLD, T0);
        const known = await touched();
        const steps: (boolean | null | undefined)[] = [];
        const day = (of: number): string => `2026-02-0${of}T00:00:00.000Z`;
        for (const [at, hits] of [
          [1, [{ advisory: CVE }, { advisory: 'CVE-2' }]],
          [3, [{ advisory: CVE, severity: 'CRITICAL' as const }]],
          [5, []],
        ] as const) {
          await match({ openssl: hits }, NEW, day(at));
          steps.push((await touched())[0]);
          expect(await under.rescans.listKept({ ...window, touched: true })).toHaveLength(1);
          await scan(day(at + 1));
          steps.push((await touched())[0]);
        }

        expect(known).toEqual([false]);
        expect(steps).toEqual([true, false, true, false, true, false]);
      });
    });
  });
}
