import fc from 'fast-check';
import type { GrantedException } from '../../../src/domain/exceptions/exception';
import { at } from '../../../src/domain/provenance';
import type { ScanPolicy } from '../../../src/domain/policy';
import { judgeScan } from '../../../src/domain/scan-gate';
import type { ScanFinding } from '../../../src/domain/scan/finding';
import type { ScanInput } from '../../../src/domain/scan/input';
import { grantedOf } from '../../support/exceptions';

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
const exception = grantedOf({ svc: 'checkout', expiresAt: hoursAgo(-1) });

describe('judgeScan', () => {
  it('passes when nothing was found by a database that can be believed', () => {
    expect(judgeScan(input())).toMatchObject({ gate: 'scan', outcome: 'pass', reasons: [] });
  });

  it('lists those exceptions that end first, where it has more than it lists', () => {
    const ids = Array.from({ length: 120 }, (_, number) => `CVE-2026-${1_000 + number}`);
    const verdict = judgeScan(
      input({
        findings: ids.map((id) => finding('MEDIUM', { id })),
        exceptions: ids.map((vulnerabilityId, number) =>
          grantedOf({ svc: 'checkout', vulnerabilityId, expiresAt: hoursAgo(number - 200) }),
        ),
      }),
    );

    const covered = at(verdict.evidence, 'covered');
    expect(verdict.outcome).toBe('pass');
    expect(covered).toHaveLength(100);
    const of = (number: number): unknown =>
      expect.objectContaining({ vulnerabilityId: ids[number] });
    expect(covered).toContainEqual(of(20));
    expect(covered).not.toContainEqual(of(19));
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
    ['one for another package', [{ ...exception, packageName: 'qs-iconv' }]],
    ['one for the package of another ecosystem', [{ ...exception, packageName: 'pkg:pypi/qs' }]],
    ['one for another version', [{ ...exception, packageVersion: '6.5.1' }]],
    ['one that was revoked', [{ ...exception, revokedAt: hoursAgo(1) }]],
    ['one that expires this very moment', [{ ...exception, expiresAt: now }]],
    ['one with an unreadable expiry', [{ ...exception, expiresAt: 'never' }]],
  ])('fails on Medium with %s', (_, exceptions) => {
    const verdict = judgeScan(input({ findings: [finding('MEDIUM')], exceptions }));

    expect(verdict).toMatchObject({
      outcome: 'fail',
      reasons: [
        expect.stringMatching(/needs an exception|its exception exc-1 (ended|was revoked)/),
      ],
    });
  });

  it.each([
    ['of the service', [exception]],
    ['for every service', [{ ...exception, svc: null }]],
    ['of the package by its purl', [{ ...exception, packageName: 'pkg:npm/qs' }]],
    ['of this very version', [{ ...exception, packageVersion: '6.5.2' }]],
    ['of the id in other letters', [{ ...exception, vulnerabilityId: 'cve-2026-0001' }]],
    ['that will be revoked later', [{ ...exception, revokedAt: hoursAgo(-2) }]],
    ['beside an expired one', [{ ...exception, expiresAt: hoursAgo(2), id: 'old' }, exception]],
  ])('passes Medium with an unexpired exception %s, and keeps it as evidence', (_, exceptions) => {
    const medium = finding('MEDIUM', { purl: 'pkg:npm/qs@6.5.2' });

    const verdict = judgeScan(input({ findings: [medium], exceptions }));

    const until = exception.expiresAt;
    expect(verdict).toMatchObject({
      outcome: 'pass',
      evidence: {
        excepted: [`CVE-2026-0001 in qs@6.5.2 until ${until} by exception exc-1`],
        covered: [{ exceptionId: 'exc-1', purl: 'pkg:npm/qs', needs: 'exception', until }],
      },
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

  it('lets a High pass by a broken glass, and says so in the evidence', () => {
    const exceptions = [grantedOf({ kind: 'break-glass', expiresAt: hoursAgo(-1) })];

    const verdict = judgeScan(input({ findings: [finding('HIGH')], exceptions }));

    expect(verdict).toMatchObject({
      outcome: 'pass',
      evidence: { covered: [{ needs: 'break-glass', exceptionId: 'exc-1' }] },
    });
  });

  it.each([
    ['one second before its end', 1_000, 'pass'],
    ['at its end', 0, 'fail'],
    ['one second after it', -1_000, 'fail'],
  ] as const)('goes by the time: %s', (_, leftMs, outcome) => {
    const expiresAt = new Date(Date.parse(now) + leftMs).toISOString();
    const exceptions = [{ ...exception, expiresAt }];

    expect(judgeScan(input({ findings: [finding('MEDIUM')], exceptions })).outcome).toBe(outcome);
  });
});

const KEV = { digest: 'sha256:kev', updatedAt: hoursAgo(2), listed: ['CVE-2026-0001'] };
const EPSS = { digest: 'sha256:epss', updatedAt: hoursAgo(2), scores: { 'CVE-2026-0001': 0.7 } };
const strict = (over: Partial<ScanPolicy>): ScanPolicy => ({ ...input().policy, ...over });
const DAY_MS = 86_400_000;

describe('judgeScan by lists and fixes', () => {
  const excepted = { exceptions: [exception, { ...exception, kind: 'break-glass' as const }] };

  it.each(['CRITICAL', 'MEDIUM', 'LOW', 'UNKNOWN'] as const)(
    'fails on a %s that is known to be exploited, whatever excepts it',
    (severity) => {
      const policy = strict({ kev: { maxAgeMs: DAY_MS }, unknown: 'allow' });
      const risk = { kev: KEV, epss: null };

      const verdict = judgeScan(
        input({ findings: [finding(severity)], policy, risk, ...excepted }),
      );

      expect(verdict.outcome).toBe('fail');
      expect(verdict.reasons[0]).toContain('known to be exploited (CISA KEV)');
      expect(verdict.evidence).toMatchObject({ lists: { kev: { digest: 'sha256:kev' } } });
    },
  );

  it('takes a Medium with a high EPSS score for a High: only a broken glass lets it pass', () => {
    const policy = strict({ epss: { threshold: 0.7, maxAgeMs: DAY_MS } });
    const given = { findings: [finding('MEDIUM')], policy, risk: { kev: null, epss: EPSS } };

    const standard = judgeScan(input({ ...given, exceptions: [exception] }));
    const broken = judgeScan(input({ ...given, ...excepted }));

    expect(standard.outcome).toBe('fail');
    expect(standard.reasons[0]).toContain('its EPSS score is 0.7, the policy allows less than 0.7');
    expect(broken.outcome).toBe('pass');
  });

  it.each([
    ['is asked for and not given', null, /asks for the EPSS list, and none is given/],
    ['is too old', { ...EPSS, updatedAt: hoursAgo(25) }, /EPSS list is of .*allows 24\.0 h/],
    ['is from the future', { ...EPSS, updatedAt: hoursAgo(-1) }, /dated in the future/],
    ['has no date', { ...EPSS, updatedAt: 'soon' }, /EPSS list is of soon/],
  ])('cannot judge by a list that %s', (_, epss, reason) => {
    const policy = strict({ epss: { threshold: 0.7, maxAgeMs: DAY_MS } });

    const verdict = judgeScan(input({ policy, risk: { kev: null, epss } }));

    expect(verdict).toMatchObject({ outcome: 'error', reasons: [expect.stringMatching(reason)] });
  });

  it.each<[string, Partial<ScanFinding>, string]>([
    ['a fix of long ago', { publishedAt: hoursAgo(24 * 40) }, 'fail'],
    ['a fix of nobody knows when', { publishedAt: null }, 'fail'],
    ['a new fix', { publishedAt: hoursAgo(24 * 10) }, 'pass'],
    ['no fix', { publishedAt: hoursAgo(24 * 40), fixedVersion: null }, 'pass'],
  ])('judges an excepted Medium with %s', (_, over, outcome) => {
    const policy = strict({ fixAvailable: { maxAgeMs: 30 * DAY_MS } });
    const findings = [finding('MEDIUM', over)];

    expect(judgeScan(input({ findings, policy, exceptions: [exception] })).outcome).toBe(outcome);
  });

  it('ends what an exception covers when the fix gets too old', () => {
    const policy = strict({ fixAvailable: { maxAgeMs: 30 * DAY_MS } });
    const findings = [finding('MEDIUM', { publishedAt: hoursAgo(24 * 29) })];

    const verdict = judgeScan(input({ findings, policy, exceptions: [exception] }));

    expect(verdict.evidence).toMatchObject({ covered: [{ limit: hoursAgo(-24) }] });
  });

  it('never lets more pass for more findings, rules or lists, or for fewer exceptions', () => {
    const findings = fc.array(
      fc.record({
        id: fc.constantFrom('CVE-2026-0001', 'CVE-2026-0002'),
        severity: fc.constantFrom('CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN'),
        packageName: fc.constantFrom('qs', 'zlib'),
        installedVersion: fc.constantFrom('6.5.2', '1.0'),
        fixedVersion: fc.constantFrom(null, '7'),
      }),
      { maxLength: 5 },
    );
    const granted: fc.Arbitrary<readonly GrantedException[]> = fc.array(
      fc
        .record({
          kind: fc.constantFrom('standard', 'break-glass'),
          vulnerabilityId: fc.constantFrom('CVE-2026-0001', 'CVE-2026-0002'),
          packageName: fc.constantFrom('qs', 'zlib'),
          expiresAt: fc.constantFrom(hoursAgo(1), hoursAgo(-1), now),
        })
        .map(grantedOf),
      { maxLength: 4 },
    );
    const rules = fc.record(
      {
        kev: fc.constant({ maxAgeMs: DAY_MS }),
        epss: fc.constant({ threshold: 0.5, maxAgeMs: DAY_MS }),
        fixAvailable: fc.constant({ maxAgeMs: DAY_MS }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(findings, findings, granted, granted, rules, (some, more, kept, lost, over) => {
        const risk = { kev: KEV, epss: EPSS };
        const lenient = input({ findings: some, exceptions: [...kept, ...lost], risk });
        const policy = strict(over);
        const harder = input({ findings: [...some, ...more], exceptions: kept, risk, policy });

        const passes = judgeScan(harder).outcome === 'pass';

        expect(!passes || judgeScan(lenient).outcome === 'pass').toBe(true);
        const urgent = some.some(({ severity }) => ['CRITICAL', 'HIGH'].includes(severity));
        const glass = kept.some(({ kind }) => kind === 'break-glass');
        expect(passes && urgent && !glass).toBe(false);
      }),
    );
  });
});
