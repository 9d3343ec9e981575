import type { ImageRef } from '../domain/reference';

export const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Finding {
  readonly id: string;
  readonly severity: Severity;
  readonly packageName: string;
  readonly installedVersion: string;
  readonly fixedVersion: string | null;
  readonly purl: string | null;
  readonly title: string;
  /** RFC 3339: of the advisory; null when the database does not say. */
  readonly publishedAt: string | null;
}

export interface ScanDatabase {
  /** sha256 of the database file that was read. */
  readonly digest: string;
  /** RFC 3339: when the advisories were collected. */
  readonly updatedAt: string;
  /** Whether the known-bad canary SBOM was flagged with this database. */
  readonly canaryFound: boolean;
}

export interface ScanReport {
  /** Unfiltered, by severity then id. */
  readonly findings: readonly Finding[];
  readonly scannerVersion: string;
}

/** Throws SCANNER_UNAVAILABLE when it could not scan; what it finds is never an error. */
export interface Scanner {
  /** CycloneDX JSON of the image, no database needed. */
  generateSbom(image: ImageRef, signal?: AbortSignal): Promise<Buffer>;
  scanSbom(sbom: Buffer, signal?: AbortSignal): Promise<ScanReport>;
  describeDatabase(signal?: AbortSignal): Promise<ScanDatabase>;
}
