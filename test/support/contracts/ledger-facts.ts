import type { ReleaseStatus } from '../../../src/domain/release';
import type { Verdict } from '../../../src/domain/verdict';
import type { GrantedException } from '../../../src/domain/exceptions/exception';
import { coveredEvidence, coveredFinding, grantedOf } from '../exceptions';
import type { LedgerUnderTest } from './ledger';
import { A, B, T0, T1 } from './ledger-builders';

const SCAN: Verdict = {
  gate: 'scan',
  subject: A,
  outcome: 'pass',
  reasons: ['two findings are excepted — ✓'],
  evidence: { ...coveredEvidence(coveredFinding()), counts: { high: 0.5 } },
};

/** One read in place of three must say what the three say. */
export function describeReleaseFacts(
  under: () => LedgerUnderTest,
  statusOf: (over: Partial<ReleaseStatus>) => ReleaseStatus,
): void {
  describe('facts of a release', () => {
    async function fill(): Promise<void> {
      const { ledger } = under();
      const addException = (exception: GrantedException): Promise<void> =>
        under().addException(exception);
      const released = statusOf({ digest: A, outcome: 'released' });
      const { releaseId } = released;
      await ledger.saveStatus(released, 'run-1', 1);
      await ledger.recordVerdict(releaseId, 'run-1', 'sha256:p', { ...SCAN, outcome: 'fail' }, T0);
      await ledger.recordRescan(releaseId, 'run-2', 'sha256:p', SCAN, T1);
      await ledger.recordVerdict(releaseId, 'run-1', 'sha256:p', { ...SCAN, gate: 'sbom' }, T1);
      await addException(grantedOf({ id: 'e-1', svc: 'shop', expiresAt: T0 }));
      await addException(grantedOf({ id: 'e-2', revokedAt: T1 }));
      await addException(grantedOf({ id: 'e-3', svc: 'cart' }));
    }

    it.each([
      ['of what was released', 'shop', A],
      ['of a digest that nobody released', 'shop', B],
      ['of another service', 'cart', A],
    ] as const)(
      'are what release, scan and exceptions are by themselves: %s',
      async (_name, svc, digest) => {
        await fill();
        const { ledger } = under();

        const facts = await ledger.releaseFacts(svc, digest);

        expect(facts).toEqual({
          release: await ledger.findByDigest(svc, digest),
          scan: await ledger.newestScan(svc, digest),
          exceptions: await ledger.listExceptions(svc),
        });
      },
    );

    it('hold the newest scan, of whichever run', async () => {
      await fill();

      const { release, scan, exceptions } = await under().ledger.releaseFacts('shop', A);

      expect(release?.outcome).toBe('released');
      expect(scan).toMatchObject({ runId: 'run-2', at: T1, verdict: SCAN });
      expect(exceptions).toHaveLength(2);
    });

    it('are nothing where nothing is known', async () => {
      const facts = await under().ledger.releaseFacts('shop', A);

      expect(facts).toEqual({ release: null, scan: null, exceptions: [] });
    });
  });
}
