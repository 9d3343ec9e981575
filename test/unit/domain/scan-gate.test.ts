import fc from 'fast-check';
import { judgeScan, type ScanFinding, type ScanInput } from '../../../src/domain/scan-gate';

const now = '2026-06-01T12:00:00.000Z';
const hoursAgo = (hours: number): string =>
  new Date(Date.parse(now) - hours * 3_600_000).toISOString();
const finding = (
  severity: ScanFinding['severity'],
  extra: Partial<ScanFinding> = {},
): ScanFinding => ({
  id: 'CVE-2026-0001',
  severity,
  packageName: 'qs',
  installedVersion: '6.5.2',
  fixedVersion: '6.5.3',
  ...extra,
});
const input = (extra: Partial<ScanInput> = {}): ScanInput => ({
  subject: 'sha256:aa',
  svc: 'checkout',
  findings: [],
  scannerVersion: '0.74.0',
  database: { digest: 'sha256:dd', updatedAt: hoursAgo(1), canaryFound: true },
  exceptions: [],
  policy: {
    databaseMaxAgeMs: 24 * 3_600_000,
    critical: 0,
    high: 0,
    medium: 'exception',
    unknown: 'fail',
  },
  now,
  ...extra,
});
const exception = { vulnerabilityId: 'CVE-2026-0001', svc: 'checkout', expiresAt: hoursAgo(-1) };

describe('judgeScan', () => {
  it('passes when nothing was found by a database that can be believed', () => {
    expect(judgeScan(input())).toMatchObject({ gate: 'scan', outcome: 'pass', reasons: [] });
  });

  it.each(['CRITICAL', 'HIGH', 'UNKNOWN'] as const)(
    'fails on %s and says what to do',
    (severity) => {
      const verdict = judgeScan(input({ findings: [finding(severity)] }));

      expect(verdict.outcome).toBe('fail');
      expect(verdict.reasons).toEqual([`CVE-2026-0001 (${severity}) in qs 6.5.2, fixed in 6.5.3`]);
    },
  );

  it('lets Low pass, and counts it', () => {
    const verdict = judgeScan(input({ findings: [finding('LOW')] }));

    expect(verdict).toMatchObject({ outcome: 'pass', evidence: { counts: { low: 1, high: 0 } } });
  });

  it('never lets an exception cover High or Critical', () => {
    for (const severity of ['HIGH', 'CRITICAL'] as const) {
      const verdict = judgeScan(input({ findings: [finding(severity)], exceptions: [exception] }));

      expect(verdict.outcome).toBe('fail');
    }
  });

  it.each([
    ['none', []],
    ['one of another service', [{ ...exception, svc: 'payments' }]],
    ['one for another vulnerability', [{ ...exception, vulnerabilityId: 'CVE-2026-0002' }]],
    ['one that expires this very moment', [{ ...exception, expiresAt: now }]],
    ['one with an unreadable expiry', [{ ...exception, expiresAt: 'never' }]],
  ])('fails on Medium with %s', (_, exceptions) => {
    const verdict = judgeScan(input({ findings: [finding('MEDIUM')], exceptions }));

    expect(verdict).toMatchObject({
      outcome: 'fail',
      reasons: [expect.stringMatching(/needs an exception|its exception expired/)],
    });
  });

  it.each([
    ['of the service', [exception]],
    ['for every service', [{ ...exception, svc: null }]],
    ['beside an expired one', [{ ...exception, expiresAt: hoursAgo(2) }, exception]],
  ])('passes Medium with an unexpired exception %s, and keeps it as evidence', (_, exceptions) => {
    const verdict = judgeScan(input({ findings: [finding('MEDIUM')], exceptions }));

    expect(verdict).toMatchObject({
      outcome: 'pass',
      evidence: { excepted: [`CVE-2026-0001 until ${exception.expiresAt}`] },
    });
  });

  it('passes Medium and Unknown where the policy allows them', () => {
    const policy = { ...input().policy, medium: 'allow', unknown: 'allow' } as const;
    const findings = [finding('MEDIUM'), finding('UNKNOWN')];

    expect(judgeScan(input({ policy, findings })).outcome).toBe('pass');
  });

  it.each([
    ['too old', { updatedAt: hoursAgo(24.1) }, /24\.1 h old .* allows 24\.0 h/],
    ['from the future', { updatedAt: hoursAgo(-1) }, /dated in the future/],
    ['without a date', { updatedAt: 'soon' }, /no readable date/],
    ['blind to the canary', { canaryFound: false }, /empty or broken/],
  ])('cannot judge by a database that is %s', (_, database, reason) => {
    const verdict = judgeScan(input({ database: { ...input().database, ...database } }));

    expect(verdict.outcome).toBe('error');
    expect(verdict.reasons).toEqual([expect.stringMatching(reason)]);
  });

  it('stops what even an old database finds, and says that it is old', () => {
    const database = { ...input().database, updatedAt: hoursAgo(48) };

    const verdict = judgeScan(input({ database, findings: [finding('HIGH')] }));

    expect(verdict.outcome).toBe('fail');
    expect(verdict.reasons).toHaveLength(2);
  });

  it('names twenty findings and counts the rest', () => {
    const findings = Array.from({ length: 25 }, (_, index) =>
      finding('HIGH', { id: `CVE-2026-${index}`, fixedVersion: null }),
    );

    const { reasons } = judgeScan(input({ findings }));

    expect(reasons).toHaveLength(21);
    expect(reasons[0]).toMatch(/no fix yet/);
    expect(reasons.at(-1)).toBe('and 5 more');
  });

  it('passes nothing that holds a Critical or a High', () => {
    const severity = fc.constantFrom('CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN');
    fc.assert(
      fc.property(fc.array(severity), fc.boolean(), (severities, canaryFound) => {
        const findings = severities.map((one) => finding(one));
        const database = { ...input().database, canaryFound };
        const { outcome } = judgeScan(input({ findings, database, exceptions: [exception] }));
        const bad = severities.some((one) => ['CRITICAL', 'HIGH', 'UNKNOWN'].includes(one));
        expect(outcome).toBe(bad ? 'fail' : canaryFound ? 'pass' : 'error');
      }),
    );
  });
});
