import type { Digest } from '../../../src/domain/digest';
import type { Verdict } from '../../../src/domain/verdict';
import type { AllowList } from '../../../src/ports/allow-list';
import type { Ledger } from '../../../src/ports/ledger';
import type { KeptQuery, KeptScan, Rescans } from '../../../src/ports/rescans';
import { releaseStatus } from '../api-fixtures';
import { grantOf, pin } from './allow-list';
import { A, B, C, CANDIDATE, digestOf, T0 } from './ledger-builders';

export interface RescansUnderTest {
  readonly rescans: Rescans;
  readonly ledger: Ledger;
  readonly allowList: AllowList;
  close(): Promise<void>;
}

const D = digestOf('d');
const DATABASE = `sha256:${'d'.repeat(64)}`;
const SBOM = `sha256:${'5'.repeat(64)}`;
const FAR = '2999-01-01T00:00:00.000Z';

function day(number: number): string {
  return `2026-02-${String(number).padStart(2, '0')}T00:00:00.000Z`;
}

const QUERY: KeptQuery = { windowSince: FAR, windowPins: 0, limit: 100 };

/** What every store of rescans must do. `open` gives an empty one; it is closed after each test. */
export function describeRescans(name: string, open: () => Promise<RescansUnderTest>): void {
  describe(`rescans contract: ${name}`, () => {
    let under: RescansUnderTest;

    beforeEach(async () => {
      under = await open();
    });

    afterEach(async () => {
      await under.close();
    });

    const idOf = (digest: Digest): string => `shop/1.0.0_${digest.slice(7, 14)}`;

    async function release(...digests: readonly Digest[]): Promise<void> {
      for (const digest of digests) {
        const status = releaseStatus({
          releaseId: idOf(digest),
          svc: 'shop',
          repository: 'apps/shop/web',
          digest,
          outcome: 'released',
        });
        await under.ledger.saveStatus(status, `run of ${digest}`, 1);
      }
    }

    async function scan(digest: Digest, at: string, over: Partial<Verdict> = {}): Promise<void> {
      const evidence = { database: { digest: DATABASE }, refused: [] };
      const verdict = { gate: 'scan', subject: digest, outcome: 'pass', reasons: [] } as const;
      const recorded = { ...verdict, evidence, ...over };
      await under.ledger.recordRescan(idOf(digest), `rescan ${at}`, 'h', recorded, at);
    }

    async function list(over: Partial<KeptQuery> = {}): Promise<readonly KeptScan[]> {
      return under.rescans.listKept({ ...QUERY, ...over });
    }

    const reasonsOf = (kept: readonly KeptScan[]): Readonly<Record<string, readonly string[]>> =>
      Object.fromEntries(kept.map(({ digest, kept: why }) => [digest, why]));

    it('keeps what channels point at, and nothing that no release put there', async () => {
      await release(A, B);
      await pin(under.ledger, A, day(1));
      await pin(under.ledger, A, day(2), CANDIDATE);
      await pin(under.ledger, C, day(3), { env: 'dev', tag: 'candidate' });

      expect(await list()).toEqual([
        {
          svc: 'shop',
          digest: A,
          releaseId: idOf(A),
          repository: 'apps/shop/web',
          kept: ['prod:candidate', 'prod:stable'],
          scan: null,
          sbom: null,
          touched: null,
        },
      ]);
      expect(await under.rescans.services()).toEqual(['shop']);
    });

    it('keeps what may be rolled back to, by time or by count, unless it is known as bad', async () => {
      await release(A, B, C, D);
      await pin(under.ledger, A, day(1));
      await pin(under.ledger, B, day(2));
      await pin(under.ledger, C, day(3));
      await pin(under.ledger, D, day(4));

      const byCount = reasonsOf(await list({ windowPins: 1 }));
      const byTime = reasonsOf(await list({ windowSince: '2026-02-02T12:00:00.000Z' }));
      const bad = { svc: 'shop', digest: C, reason: 'errors', at: T0, actor: 'olga' };
      await under.ledger.markBad(bad);

      expect(byCount).toEqual({ [C]: ['rollback-window'], [D]: ['prod:stable'] });
      expect(byTime).toEqual({
        [B]: ['rollback-window'],
        [C]: ['rollback-window'],
        [D]: ['prod:stable'],
      });
      expect(reasonsOf(await list({ windowPins: 1 }))).toEqual({ [D]: ['prod:stable'] });
    });

    it('keeps what is held, granted or runs, for as long as that lasts', async () => {
      await release(A, B, C, D);
      const hold = { repository: null, reason: 'incident', by: 'olga', at: T0, until: null };
      await under.allowList.addHold({ ...hold, id: 'h-1', digest: A });
      await under.allowList.addHold({ ...hold, id: 'h-2', digest: D, until: day(1) });
      await under.allowList.addGrant(grantOf({ digest: B }));

      const running = [{ svc: 'shop', digest: C }];

      expect(reasonsOf(await list({ running }))).toEqual({
        [A]: ['hold'],
        [B]: ['grant'],
        [C]: ['running'],
      });
      await under.allowList.releaseHold('h-1', 'olga', 'over', day(2));
      await under.allowList.revokeGrant('g-1', 'olga', 'over', day(2));
      expect(reasonsOf(await list())).toEqual({});
    });

    it('tells the newest scan, of a release or of a rescan, and the SBOM of the release', async () => {
      await release(A);
      await pin(under.ledger, A, day(1));
      const sbom = { gate: 'sbom', subject: A, outcome: 'pass', reasons: [] } as const;
      const evidence = { document: SBOM };
      await under.ledger.recordVerdict(idOf(A), 'run', 'h', { ...sbom, evidence }, day(1));
      await scan(A, day(2));
      const refused = ['CVE-2026-1 qs@6.5.2'];
      await scan(A, day(3), {
        outcome: 'fail',
        evidence: { database: { digest: DATABASE }, refused },
      });

      expect(await list()).toMatchObject([
        { scan: { at: day(3), outcome: 'fail', database: DATABASE, refused }, sbom: SBOM },
      ]);
    });

    it('walks from what was never scanned to what was scanned last, page by page', async () => {
      await release(A, B, C);
      await pin(under.ledger, A, day(1));
      await pin(under.ledger, B, day(1), CANDIDATE);
      await pin(under.ledger, C, day(1), { env: 'stg', tag: 'stable' });
      await scan(A, day(3));
      await scan(B, day(2));

      const [first] = await list({ limit: 1 });
      const second = await list({
        limit: 1,
        after: { svc: 'shop', digest: C, scannedAt: null },
      });
      const rest = await list({ after: { svc: 'shop', digest: B, scannedAt: day(2) } });

      expect([first?.digest, second[0]?.digest, rest[0]?.digest]).toEqual([C, B, A]);
      expect(rest).toHaveLength(1);
      expect((await list({ notScannedSince: day(3) })).map(({ digest }) => digest)).toEqual([C, B]);
      expect((await list({ scannedSince: day(3) })).map(({ digest }) => digest)).toEqual([A]);
      expect(await list({ svc: 'other' })).toEqual([]);
      expect(await list({ digest: B })).toHaveLength(1);
    });
  });
}
