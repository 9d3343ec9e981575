import type { ScanFinding } from '../../../../src/domain/scan/finding';
import { judgeScan } from '../../../../src/domain/scan-gate';
import { removedBy, type VexStatement } from '../../../../src/domain/scan/vex';

const FINDING: ScanFinding = {
  id: 'CVE-2026-0001',
  severity: 'CRITICAL',
  packageName: 'qs',
  installedVersion: '6.5.2',
  fixedVersion: null,
  purl: 'pkg:npm/qs@6.5.2',
};

function statement(over: Partial<VexStatement> = {}): VexStatement {
  return {
    vulnerabilities: ['CVE-2026-0001'],
    status: 'not_affected',
    justification: 'vulnerable_code_not_present',
    packages: [],
    at: '2026-01-01T00:00:00Z',
    keyId: 'vex',
    source: 'sha256:5',
    ...over,
  };
}

const LATER = '2026-01-02T00:00:00Z';
const NOW_MS = Date.parse('2026-01-03T00:00:00Z');
const AHEAD = '2026-01-03T00:10:00Z';

it.each<[string, readonly VexStatement[], boolean]>([
  ['of the whole image', [statement()], true],
  ['by an alias', [statement({ vulnerabilities: ['GHSA-1', 'cve-2026-0001'] })], true],
  ['of the package', [statement({ packages: ['pkg:npm/qs'] })], true],
  ['of the package in this version', [statement({ packages: ['pkg:npm/qs@6.5.2'] })], true],
  ['in the words of CycloneDX', [statement({ justification: 'code_not_reachable' })], true],
  ['after it was affected', [statement({ status: 'affected' }), statement({ at: LATER })], true],
  ['none', [], false],
  ['of another vulnerability', [statement({ vulnerabilities: ['CVE-2026-0002'] })], false],
  ['of another package', [statement({ packages: ['pkg:npm/zlib'] })], false],
  ['of another version', [statement({ packages: ['pkg:npm/qs@6.5.1'] })], false],
  ['without a justification', [statement({ justification: null })], false],
  ['with a made-up justification', [statement({ justification: 'trust me' })], false],
  ['that says fixed', [statement({ status: 'fixed' })], false],
  ['that says under investigation', [statement({ status: 'under_investigation' })], false],
  ['that was taken back', [statement(), statement({ status: 'affected', at: LATER })], false],
  ['that is contradicted', [statement(), statement({ status: 'affected' })], false],
  ['without a date', [statement({ at: '' })], false],
  ['beside one without a date', [statement(), statement({ at: '' })], false],
  ['of a clock that is a little ahead', [statement({ at: '2026-01-03T00:04:00Z' })], true],
  ['that is dated ahead', [statement({ at: AHEAD })], false],
  ['beside one that is dated ahead', [statement(), statement({ at: AHEAD })], true],
  [
    'taken back, then cleared ahead',
    [statement({ status: 'affected' }), statement({ at: AHEAD })],
    false,
  ],
  ['that is taken back ahead', [statement(), statement({ status: 'affected', at: AHEAD })], false],
])('VEX %s: removed is %s', (_, statements, removed) => {
  const by = removedBy({ statements, ignored: [] }, FINDING, NOW_MS);

  expect(by !== null).toBe(removed);
});

it('takes back for a package without a purl what is said of some package', () => {
  const finding = { ...FINDING, purl: null };
  const taken = statement({ status: 'affected', packages: ['pkg:npm/qs'], at: LATER });

  expect(removedBy({ statements: [statement()], ignored: [] }, finding, NOW_MS)).not.toBeNull();
  expect(removedBy({ statements: [statement(), taken], ignored: [] }, finding, NOW_MS)).toBeNull();
});

describe('the gate', () => {
  const input = {
    ...{ subject: 'sha256:aa', svc: 'checkout', findings: [FINDING], scannerVersion: '1' },
    database: { digest: 'sha256:dd', updatedAt: '2026-01-03T00:00:00Z', canaryFound: true },
    exceptions: [],
    now: '2026-01-03T00:00:00Z',
  };
  const policy = {
    databaseMaxAgeMs: 86_400_000,
    critical: 0,
    high: 0,
    medium: 'exception',
    unknown: 'fail',
  } as const;
  const vex = { statements: [statement()], ignored: ['VEX sha256:6: not signed by a trusted key'] };

  it('takes a finding away by signed VEX, and says by which, and what it did not believe', () => {
    const trusting = { ...policy, vex: { keys: ['vex'] } };

    const verdict = judgeScan({ ...input, policy: trusting, vex });

    expect(verdict.outcome).toBe('pass');
    expect(verdict.evidence).toMatchObject({
      counts: { critical: 1 },
      vex: {
        removed: [
          'CVE-2026-0001 in qs@6.5.2: vulnerable_code_not_present, signed by vex in sha256:5',
        ],
        ignored: ['VEX sha256:6: not signed by a trusted key'],
      },
    });
  });

  it('takes nothing away that is known to be exploited', () => {
    const listed = { digest: 'sha256:kev', updatedAt: input.now, listed: [FINDING.id] };
    const strict = { ...policy, vex: { keys: ['vex'] }, kev: { maxAgeMs: 86_400_000 } };

    const verdict = judgeScan({ ...input, policy: strict, vex, risk: { kev: listed, epss: null } });

    expect(verdict).toMatchObject({
      outcome: 'fail',
      reasons: [expect.stringMatching(/known to be exploited/)],
    });
  });

  it('believes nobody where the policy names nobody', () => {
    expect(judgeScan({ ...input, policy, vex }).outcome).toBe('fail');
  });
});
