/** As the Scanner port reports them. */
export interface ScanFinding {
  readonly id: string;
  readonly severity: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW' | 'UNKNOWN';
  readonly packageName: string;
  readonly installedVersion: string;
  readonly fixedVersion: string | null;
  /** Null or absent: the scanner names none. */
  readonly purl?: string | null;
  /** RFC 3339: of the advisory. Null or absent: the database does not say. */
  readonly publishedAt?: string | null;
}
