import type { Digest } from '../../../src/domain/digest';
import type { ExceptionRequest } from '../../../src/domain/exceptions/exception';
import type { CoveredFinding } from '../../../src/domain/scan/covered';
import type { Lapse } from '../../../src/domain/registry/lapse';
import type { Exceptions } from '../../../src/ports/exceptions';
import type { Inventory } from '../../../src/ports/inventory';
import type { Ledger } from '../../../src/ports/ledger';
import { releaseStatus } from '../api-fixtures';
import { coveredEvidence, coveredFinding, exceptionOf, requestOf } from '../exceptions';
import { child, pushed, pushOf } from './inventory-builders';
import { A, B, digestOf, T0, T1 } from './ledger-builders';

export interface ExceptionsUnderTest {
  readonly exceptions: Exceptions;
  readonly ledger: Ledger;
  /** As the gateway reads them, spread to all that is around. */
  lapses(): Promise<readonly Lapse[]>;
  readonly inventory: Inventory;
  close(): Promise<void>;
}

const END = '2026-12-01T00:00:00.000Z';
const BEFORE = '2026-11-30T23:59:59.000Z';
const AFTER = '2026-12-01T00:00:01.000Z';

/** What every store of exceptions must do. `open` gives an empty one; it is closed after each test. */
export function describeExceptions(name: string, open: () => Promise<ExceptionsUnderTest>): void {
  describe(`exceptions contract: ${name}`, () => {
    let under: ExceptionsUnderTest;
    let exceptions: Exceptions;
    let scans = 0;

    beforeEach(async () => {
      under = await open();
      ({ exceptions } = under);
    });

    afterEach(async () => {
      await under.close();
    });

    async function grant(over: Partial<ExceptionRequest> = {}): Promise<void> {
      const { id } = await exceptions.request(requestOf({ expiresAt: END, ...over }));
      await exceptions.approve(id, 'sam', T1);
    }

    async function scan(
      digest: Digest,
      outcome: 'pass' | 'fail' | 'error',
      ...covered: readonly CoveredFinding[]
    ): Promise<void> {
      scans += 1;
      const releaseId = `shop/1.0.0_${digest.slice(7, 14)}`;
      const status = releaseStatus({ releaseId, svc: 'shop', digest, outcome: 'released' });
      await under.ledger.saveStatus(status, `run of ${digest}`, 1);
      const about = { gate: 'scan', subject: digest, outcome, reasons: [] } as const;
      const verdict = { ...about, evidence: coveredEvidence(...covered) };
      await under.ledger.recordRescan(releaseId, `scan ${scans}`, 'h', verdict, T1);
    }

    const lapsed = async (now: string): Promise<readonly Digest[]> =>
      (await exceptions.lapsed(now, 10)).map(({ digest }) => digest);

    describe('from request to end', () => {
      it('keeps a request as it was made first', async () => {
        const asked = requestOf({
          packageName: 'pkg:npm/qs',
          packageVersion: '6.5.2',
          svc: 'shop',
        });
        const first = await exceptions.request(asked);

        const again = await exceptions.request({ ...asked, reason: 'another' });

        const none = { approvedBy: null, approvedAt: null, revokedBy: null, revokedAt: null };
        expect(first).toEqual({ ...asked, ...none, revokeReason: null });
        expect(again).toEqual(first);
        expect(await exceptions.read('exc-1')).toEqual(first);
        expect(await exceptions.read('exc-2')).toBeNull();
      });

      it('approves once, and counts only then', async () => {
        await exceptions.request(requestOf());
        const asked = await under.ledger.listExceptions('shop');

        const approved = await exceptions.approve('exc-1', 'sam', T1);

        expect(asked).toEqual([]);
        expect(approved).toEqual(exceptionOf({ approvedAt: T1 }));
        expect(await exceptions.approve('exc-1', 'sam', T1)).toEqual(approved);
        expect(await exceptions.approve('exc-1', 'tina', T1)).toBeNull();
        expect(await exceptions.approve('exc-2', 'sam', T1)).toBeNull();
        const listed = await under.ledger.listExceptions('shop');
        expect(listed.map(({ id, revokedAt }) => [id, revokedAt])).toEqual([['exc-1', null]]);
      });

      it('revokes once, also what nobody approved; that can not be approved any more', async () => {
        await grant();
        await exceptions.request(requestOf({ id: 'exc-2' }));

        const revoked = await exceptions.revoke('exc-1', 'olga', 'an exploit is out', T1);
        await exceptions.revoke('exc-2', 'olga', 'not needed', T1);

        expect(revoked).toMatchObject({ revokedBy: 'olga', revokedAt: T1 });
        expect(await exceptions.revoke('exc-1', 'olga', 'an exploit is out', T1)).toEqual(revoked);
        expect(await exceptions.revoke('exc-1', 'olga', 'again', T1)).toBeNull();
        expect(await exceptions.approve('exc-2', 'sam', T1)).toBeNull();
        const [listed] = await under.ledger.listExceptions('shop');
        expect(listed).toMatchObject({ id: 'exc-1', revokedAt: T1 });
      });

      it.each([
        ['before its end', BEFORE, true],
        ['at its end', END, false],
        ['after it', AFTER, false],
      ])('can be approved and revoked %s: %s', async (_, at, possible) => {
        await exceptions.request(requestOf({ expiresAt: END }));
        await grant({ id: 'exc-2' });

        expect((await exceptions.approve('exc-1', 'sam', at)) !== null).toBe(possible);
        expect((await exceptions.revoke('exc-2', 'sam', 'over', at)) !== null).toBe(possible);
      });

      it('lists those of a service and of all services, newest first, ended ones when asked', async () => {
        await grant({ id: 'old', requestedAt: T0, expiresAt: T1 });
        await grant({ id: 'of-shop', svc: 'shop', requestedAt: T0 });
        await grant({ id: 'of-cart', svc: 'cart', requestedAt: T1 });
        await grant({ id: 'of-all', requestedAt: T1 });
        const ids = async (over: object): Promise<readonly string[]> =>
          (await exceptions.list({ now: BEFORE, limit: 10, ...over })).map(({ id }) => id);

        expect(await ids({ svc: 'shop' })).toEqual(['of-all', 'of-shop']);
        expect((await ids({})).slice(0, 2).sort()).toEqual(['of-all', 'of-cart']);
        expect(await ids({ svc: 'shop', all: true })).toHaveLength(3);
        expect(await ids({ limit: 1 })).toHaveLength(1);
        expect(await ids({ now: END })).toEqual([]);
      });

      it('watches what is in force and what ended lately, first what ends first', async () => {
        await grant({ id: 'later' });
        await grant({ id: 'sooner', expiresAt: BEFORE });
        await exceptions.request(requestOf({ id: 'asked' }));
        const ids = async (now: string, sinceMs: number): Promise<readonly string[]> =>
          (await exceptions.watched(now, sinceMs, 10)).map(({ id }) => id);

        expect(await ids(T1, 0)).toEqual(['sooner', 'later']);
        expect(await ids(BEFORE, 0)).toEqual(['later']);
        expect(await ids(AFTER, 2_000)).toEqual(['later']);
        expect(await ids(AFTER, 3_000)).toEqual(['sooner', 'later']);
      });

      it('remembers what people were told', async () => {
        await grant();
        await grant({ id: 'exc-2' });
        await exceptions.tell({ exceptionId: 'exc-1', name: 'ended' }, T1);
        await exceptions.tell({ exceptionId: 'exc-1', name: 'ended' }, AFTER);
        await exceptions.tell({ exceptionId: 'exc-2', name: 'broken' }, T1);

        expect(await exceptions.toldOf(['exc-1', 'exc-3'])).toEqual([
          { exceptionId: 'exc-1', name: 'ended' },
        ]);
        expect(await exceptions.toldOf([])).toEqual([]);
      });
    });

    describe('what rests on them', () => {
      it('finds what passed by one, until a scan passes without it', async () => {
        const other = coveredFinding({ exceptionId: 'exc-2', packageName: 'zlib', purl: null });
        await grant();
        await scan(A, 'pass', coveredFinding(), other);
        await scan(B, 'pass', coveredFinding());

        const first = await exceptions.coveredBy('exc-1', 10);
        await scan(B, 'pass');

        const image = { svc: 'shop', releaseId: `shop/1.0.0_${A.slice(7, 14)}`, digest: A };
        expect(first).toHaveLength(2);
        expect(await exceptions.coveredBy('exc-1', 10)).toEqual([
          { ...image, covered: [coveredFinding(), other] },
        ]);
        expect(await exceptions.coveredBy('exc-3', 10)).toEqual([]);
      });

      it('lapses at the end, to the second, and not before', async () => {
        await grant();
        await scan(A, 'pass', coveredFinding());

        expect(await lapsed(BEFORE)).toEqual([]);
        expect(await lapsed(END)).toEqual([A]);
        expect(await lapsed(AFTER)).toEqual([A]);
      });

      it.each<[string, Partial<ExceptionRequest>, boolean]>([
        ['the same package', {}, false],
        ['its purl', { packageName: 'pkg:npm/qs' }, false],
        ['its very version', { packageVersion: '6.5.2' }, false],
        ['its service', { svc: 'shop' }, false],
        ['the id in other letters', { vulnerabilityId: 'cve-2026-0001' }, false],
        ['a broken glass', { kind: 'break-glass' }, false],
        ['another package', { packageName: 'zlib' }, true],
        ['another ecosystem', { packageName: 'pkg:pypi/qs' }, true],
        ['another version', { packageVersion: '6.5.3' }, true],
        ['another service', { svc: 'cart' }, true],
        ['another vulnerability', { vulnerabilityId: 'CVE-2026-0002' }, true],
      ])('goes by another exception that is for it: of %s', async (_, over, isLapsed) => {
        await grant({ id: 'exc-2', ...over });
        await scan(A, 'pass', coveredFinding());

        expect((await lapsed(BEFORE)).includes(A)).toBe(isLapsed);
      });

      it('takes no standard exception for what needs a broken glass', async () => {
        await grant();
        await scan(A, 'pass', coveredFinding({ needs: 'break-glass' }));

        const before = await lapsed(BEFORE);
        await grant({ id: 'exc-2', kind: 'break-glass' });

        expect(before).toEqual([A]);
        expect(await lapsed(BEFORE)).toEqual([]);
      });

      it('lapses when it is revoked, when nobody approved it, and at the limit of a fix', async () => {
        await grant();
        await grant({ id: 'exc-2', packageName: 'zlib' });
        await exceptions.request(requestOf({ id: 'exc-3', packageName: 'musl' }));
        await scan(A, 'pass', coveredFinding());
        await scan(B, 'pass', coveredFinding({ packageName: 'zlib', purl: null, limit: BEFORE }));
        const C = digestOf('musl');
        await scan(C, 'pass', coveredFinding({ packageName: 'musl', purl: null }));

        await exceptions.revoke('exc-1', 'olga', 'an exploit is out', T1);

        expect((await lapsed(T1)).toSorted()).toEqual([A, C].toSorted());
        expect((await lapsed(BEFORE)).toSorted()).toEqual([A, B, C].toSorted());
      });

      it('is judged again once: what failed since is told no more, and stays without a pass', async () => {
        await grant();
        await scan(A, 'pass', coveredFinding());
        await scan(A, 'error');
        const unknown = await lapsed(AFTER);

        await scan(A, 'fail');

        expect(unknown).toEqual([A]);
        expect(await lapsed(AFTER)).toEqual([]);
        expect((await under.lapses()).map(({ digest, endsAt }) => [digest, endsAt])).toEqual([
          [A, END],
        ]);
      });

      it('tells the gateway of the first end, and of what is around the digest', async () => {
        const [index, image] = [digestOf('index'), digestOf('image')];
        await grant();
        await grant({ id: 'exc-2', packageName: 'zlib', expiresAt: BEFORE });
        const second = { exceptionId: 'exc-2', packageName: 'zlib', purl: null };
        await scan(A, 'pass', coveredFinding(), coveredFinding(second));
        await pushed(under.inventory, pushOf({ digest: A, edges: [child(image)], tag: null }));
        await pushed(under.inventory, pushOf({ digest: index, edges: [child(A)], tag: null }));

        const found = await under.lapses();

        const lapse = {
          ...{ cause: A, svc: 'shop', vulnerabilityId: 'CVE-2026-0001', running: false },
          ...{ packageName: 'zlib', exceptionId: 'exc-2', endsAt: BEFORE },
        };
        expect(found).toEqual([A, index, image].toSorted().map((digest) => ({ ...lapse, digest })));
      });

      it('tells the gateway nothing of what passed without', async () => {
        await grant();
        await scan(A, 'pass');

        expect(await under.lapses()).toEqual([]);
      });
    });
  });
}
