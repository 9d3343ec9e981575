import { toScanReport } from '../../../../src/adapters/trivy/report';

const vulnerability = (id: string, severity: string | null): object => ({
  VulnerabilityID: id,
  PkgName: 'qs',
  InstalledVersion: '6.5.2',
  Severity: severity,
});

function idsOf(...vulnerabilities: object[]): string[] {
  const report = { Results: [{ Vulnerabilities: vulnerabilities }] };
  return toScanReport(report as Parameters<typeof toScanReport>[0], 'x').findings.map(
    (finding) => `${finding.severity} ${finding.id}`,
  );
}

describe('toScanReport', () => {
  it('sorts by severity, then id', () => {
    expect(
      idsOf(
        vulnerability('CVE-2', 'LOW'),
        vulnerability('CVE-3', 'CRITICAL'),
        vulnerability('CVE-1', 'CRITICAL'),
      ),
    ).toEqual(['CRITICAL CVE-1', 'CRITICAL CVE-3', 'LOW CVE-2']);
  });

  it.each([null, '', 'NEGLIGIBLE', 'severe'])('takes the severity %j as unknown', (severity) => {
    expect(idsOf(vulnerability('CVE-1', severity))).toEqual(['UNKNOWN CVE-1']);
  });

  it('is empty when nothing was found', () => {
    expect(toScanReport({}, 'x').findings).toEqual([]);
    expect(toScanReport({ Results: [{ Vulnerabilities: null }] }, 'x').findings).toEqual([]);
  });

  it('gives the scanner its own version where it knows it', () => {
    expect(toScanReport({ Trivy: { Version: '0.74.0' } }, 'x').scannerVersion).toBe('0.74.0');
    expect(toScanReport({ Trivy: { Version: 'dev' } }, 'x').scannerVersion).toBe('x');
  });
});
