import type { Digest } from '../../../src/domain/digest';
import type { Verdict, VerdictOutcome } from '../../../src/domain/verdict';
import type { Inventory } from '../../../src/ports/inventory';
import type { Ledger } from '../../../src/ports/ledger';
import type { ScanFindings } from '../../../src/ports/scan-findings';
import { pin } from './allow-list';
import { pushed } from './inventory-builders';
import { A, B, C, T0, T1 } from './ledger-builders';

export interface ScanFindingsUnderTest {
  readonly findings: ScanFindings;
  readonly ledger: Ledger;
  readonly inventory: Inventory;
  close(): Promise<void>;
}

const ALL = { after: null, limit: 100 };
const CVE = 'CVE-2026-1';

/** What every index of scans must do; it looks at the channels of the service shop. */
export function describeScanFindings(
  name: string,
  open: () => Promise<ScanFindingsUnderTest>,
): void {
  describe(`scan findings contract: ${name}`, () => {
    let under: ScanFindingsUnderTest;
    let scans = 0;

    beforeEach(async () => {
      under = await open();
    });

    afterEach(async () => {
      await under.close();
    });

    async function scan(
      digest: Digest,
      refused: readonly string[],
      over: {
        readonly svc?: string;
        readonly excepted?: readonly string[];
        readonly outcome?: VerdictOutcome;
        readonly databaseAt?: string;
      } = {},
    ): Promise<void> {
      scans += 1;
      const { svc = 'shop', excepted = [], databaseAt } = over;
      const { outcome = refused.length > 0 ? 'fail' : 'pass' } = over;
      const about = { gate: 'scan', subject: digest, outcome, reasons: [] } as const;
      const database = databaseAt === undefined ? {} : { database: { updatedAt: databaseAt } };
      const verdict: Verdict = { ...about, evidence: { refused, excepted, ...database } };
      const releaseId = `${svc}/1.0.0_${digest.slice(7, 14)}`;
      await under.ledger.recordVerdict(releaseId, `run ${scans}`, 'policy', verdict, T0);
    }

    it('finds an advisory that the newest scan refuses or excepts, of each service', async () => {
      await scan(A, [`${CVE} qs@6.5.2`, `${CVE} qs@6.5.3`, 'CVE-2026-9 a@1']);
      await scan(A, [], { svc: 'web', excepted: [`${CVE} until ${T1}`], databaseAt: T1 });
      await scan(B, ['CVE-2026-10 b@1']);

      const found = await under.findings.withAdvisory(CVE, ALL);

      const shop = { digest: A, svc: 'shop', releaseId: `shop/1.0.0_${A.slice(7, 14)}` };
      const advisories = [CVE, 'CVE-2026-9'];
      expect(found).toEqual([
        { ...shop, scannedAt: T0, outcome: 'fail', databaseAt: null, advisories, listed: true },
        {
          ...{ digest: A, svc: 'web', releaseId: `web/1.0.0_${A.slice(7, 14)}` },
          ...{ scannedAt: T0, outcome: 'pass', databaseAt: T1, advisories: [CVE], listed: true },
        },
      ]);
    });

    it('goes by the newest scan alone', async () => {
      await scan(A, [`${CVE} qs@6.5.2`]);
      await scan(A, []);
      await scan(B, []);
      await scan(B, [`${CVE} qs@6.5.2`]);

      const found = await under.findings.withAdvisory(CVE, ALL);

      expect(found.map(({ digest }) => digest)).toEqual([B]);
    });

    it('goes by the newest scan that could tell: one by a broken database takes nothing back', async () => {
      await scan(A, [`${CVE} qs@6.5.2`]);
      await scan(A, [], { outcome: 'error' });

      expect(await under.findings.withAdvisory(CVE, ALL)).toMatchObject([
        { digest: A, outcome: 'fail', listed: true },
      ]);
    });

    it('finds an advisory however it is written', async () => {
      await scan(A, ['GHSA-jfh8-c2jp-5v3q log4j@2.14.1', `${CVE} qs@6.5.2`]);

      for (const id of ['cve-2026-1', 'ghsa-JFH8-c2jp-5v3q']) {
        expect(await under.findings.withAdvisory(id, ALL)).toMatchObject([
          { digest: A, listed: true },
        ]);
      }
    });

    it('tells what it can not know: a list that was cut off', async () => {
      await scan(
        C,
        Array.from({ length: 100 }, (_, number) => `CVE-2025-${number} a@1`),
      );

      const found = await under.findings.withAdvisory(CVE, ALL);

      expect(found).toMatchObject([{ digest: C, listed: false }]);
    });

    it('finds what fails and is in a channel or under a tag, and nothing else', async () => {
      for (const digest of [A, B, C]) await scan(digest, [`${CVE} qs@6.5.2`]);
      await pin(under.ledger, A, T0);
      await pushed(under.inventory, { digest: B });

      const found = await under.findings.failing(ALL);

      expect(found.map(({ digest }) => digest)).toEqual([A, B].sort());
      expect(found[0]).toMatchObject({ outcome: 'fail', advisories: [CVE] });
    });

    it('goes page by page', async () => {
      for (const digest of [A, B, C]) await scan(digest, [`${CVE} qs@6.5.2`]);
      await scan(A, [`${CVE} qs@6.5.2`], { svc: 'web' });

      const seen: string[] = [];
      for (let after: { digest: Digest; svc: string } | null = null; ;) {
        const page = await under.findings.withAdvisory(CVE, { after, limit: 1 });
        const [one] = page;
        if (!one) break;
        seen.push(`${one.digest} ${one.svc}`);
        after = { digest: one.digest, svc: one.svc };
      }

      const all = [`${A} shop`, `${A} web`, `${B} shop`, `${C} shop`];
      expect(seen).toEqual(all.sort());
    });
  });
}
