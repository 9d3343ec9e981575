import { SEVERITIES, type Finding, type ScanReport, type Severity } from '../../ports/scanner';
import type { TrivyReport } from './schema';

function severityOf(text: string | null | undefined): Severity {
  // What is new or misspelt is unknown, never harmless.
  return SEVERITIES.find((known) => known === text?.toUpperCase()) ?? 'UNKNOWN';
}

function byName(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function compareFindings(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    byName(a.id, b.id) ||
    byName(a.packageName, b.packageName)
  );
}

/** Every finding of the report, by severity then id: the policy judges, not the scanner. */
export function toScanReport(report: TrivyReport, version: string): ScanReport {
  const findings = (report.Results ?? []).flatMap((result) =>
    (result.Vulnerabilities ?? []).map((one): Finding => ({
      id: one.VulnerabilityID,
      severity: severityOf(one.Severity),
      packageName: one.PkgName,
      installedVersion: one.InstalledVersion ?? '',
      fixedVersion: one.FixedVersion ?? null,
      purl: one.PkgIdentifier?.PURL ?? null,
      title: one.Title ?? '',
      publishedAt: one.PublishedDate ?? null,
    })),
  );
  const own = report.Trivy?.Version;
  const scannerVersion = own && own !== 'dev' ? own : version;
  return { findings: findings.sort(compareFindings), scannerVersion };
}
