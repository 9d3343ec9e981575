import { judgeBaseScan, type BaseScanInput } from '../../../../src/domain/bases/judge-scan';
import { POLICY, NOW } from '../../../support/api-fixtures';

function finding(
  severity: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'UNKNOWN',
): BaseScanInput['findings'][0] {
  const versions = { installedVersion: '1', fixedVersion: null };
  return { id: `CVE-2026-${severity}`, severity, packageName: 'busybox', ...versions };
}

function judge(over: Partial<BaseScanInput> = {}): ReturnType<typeof judgeBaseScan> {
  return judgeBaseScan({
    findings: [],
    database: { digest: 'sha256:d', updatedAt: NOW, canaryFound: true },
    scannerVersion: '1',
    policy: POLICY.scan,
    acceptedBy: null,
    now: NOW,
    ...over,
  });
}

it('lets in what has neither Critical nor High: the rest is for the gate of each release', () => {
  const { refused, evidence } = judge({ findings: [finding('MEDIUM'), finding('UNKNOWN')] });

  expect(refused).toBeNull();
  expect(evidence).toMatchObject({ counts: { medium: 1, unknown: 1, critical: 0 }, critical: [] });
});

it.each(['CRITICAL', 'HIGH'] as const)('keeps %s out, unless somebody accepts it', (severity) => {
  const findings = [finding(severity)];

  expect(judge({ findings }).refused).toContain(`CVE-2026-${severity} busybox`);
  expect(judge({ findings, acceptedBy: 'erin' })).toMatchObject({
    refused: null,
    evidence: { acceptedBy: 'erin', critical: [`CVE-2026-${severity} busybox`] },
  });
});

it.each([
  ['old', { updatedAt: '2026-01-01T00:00:00.000Z' }, /old/],
  ['without its canary', { canaryFound: false }, /canary/],
  ['without a date', { updatedAt: '' }, /no readable date/],
])('believes no database that is %s, whatever was accepted', (_what, over, why) => {
  const database = { digest: 'sha256:d', updatedAt: NOW, canaryFound: true, ...over };

  expect(judge({ database, acceptedBy: 'erin' }).refused).toMatch(why);
});

it('names at most 20', () => {
  const findings = Array.from({ length: 25 }, (_, n) => ({ ...finding('HIGH'), id: `CVE-${n}` }));

  expect(judge({ findings }).refused).toMatch(/^It has 25 .* and 5 more$/);
});
