import type { Preflight } from '../../../src/domain/drill/preflight';
import { skipDrill, type DrillReport } from '../../../src/domain/drill/report';
import type { Drills } from '../../../src/ports/drills';
import { A, B, T0, T1 } from './ledger-builders';

export interface DrillsUnderTest {
  readonly drills: Drills;
  close(): Promise<void>;
}

export function preflightOf(over: Partial<Preflight> = {}): Preflight {
  return {
    svc: 'shop',
    digest: A,
    outcome: 'incomplete',
    faults: [{ part: 'sbom', message: 'It has no validly signed SBOM.' }],
    leaseUntil: T1,
    since: T0,
    checkedAt: T0,
    ...over,
  };
}

export function reportOf(over: Partial<DrillReport> = {}): DrillReport {
  const why = 'It was not at rest.';
  const skipped = skipDrill({ id: 'shop-1', svc: 'shop', at: T0, targetMs: 300_000, why });
  return { ...skipped, ...over };
}

const PASSED: DrillReport = reportOf({
  ...{ id: 'shop-2', outcome: 'passed', reasons: [] },
  ...{ n: 1, p50Ms: 12, p95Ms: 12, maxMs: 12, complete: true },
  steps: [
    {
      ...{ number: 1, direction: 'back', from: B, to: A, faults: [] },
      ...{ requestedAt: T0, durationMs: 12, error: null },
    },
  ],
});

/** What every record of drills must do. `open` gives an empty one; it is closed after each test. */
export function describeDrills(name: string, open: () => Promise<DrillsUnderTest>): void {
  describe(`drills contract: ${name}`, () => {
    let under: DrillsUnderTest;
    let drills: Drills;

    beforeEach(async () => {
      under = await open();
      ({ drills } = under);
    });

    afterEach(async () => {
      await under.close();
    });

    it('keeps reports as they were saved first, newest first', async () => {
      await drills.saveReport(reportOf());
      await drills.saveReport(PASSED);
      await drills.saveReport(reportOf({ id: 'none-3', svc: null }));
      await drills.saveReport({ ...PASSED, outcome: 'failed' });

      expect(await drills.getReport('shop-2')).toEqual(PASSED);
      expect(await drills.getReport('shop-9')).toBeNull();
      const idsOf = async (filter: Parameters<Drills['listReports']>[0]): Promise<unknown> =>
        (await drills.listReports(filter)).map(({ id }) => id);
      expect(await idsOf({ limit: 10 })).toEqual(['none-3', 'shop-2', 'shop-1']);
      expect(await idsOf({ svc: 'shop', limit: 10 })).toEqual(['shop-2', 'shop-1']);
      expect(await idsOf({ limit: 1 })).toEqual(['none-3']);
    });

    it('keeps the newest pre-flight of each service', async () => {
      const none = { digest: null, outcome: 'no-target', faults: [], leaseUntil: null } as const;
      const newer = preflightOf({ ...none, since: T1, checkedAt: T1 });
      await drills.savePreflight(preflightOf());
      await drills.savePreflight(preflightOf({ svc: 'cart' }));
      await drills.savePreflight(newer);
      await drills.savePreflight(preflightOf());

      expect(await drills.getPreflight('shop')).toEqual(newer);
      expect(await drills.getPreflight('other')).toBeNull();
      expect(await drills.listPreflights()).toEqual([preflightOf({ svc: 'cart' }), newer]);
    });
  });
}
