import type { AdvisorySeverity } from './advisory';

/** In the numbering of the scanner's database. */
const SEVERITIES: readonly AdvisorySeverity[] = ['UNKNOWN', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];

/** What the database says about a vulnerability, of all sources that rate it. */
export interface VulnerabilityRatings {
  /** Chosen when the database was made; may be empty. */
  readonly severity: string;
  /** By source, e.g. `{ nvd: 3, ghsa: 4 }`. */
  readonly byVendor: Readonly<Record<string, number>>;
}

export function severityOfNumber(number: number): AdvisorySeverity {
  return SEVERITIES[number] ?? 'UNKNOWN';
}

function severityOfText(text: string): AdvisorySeverity {
  // What is new or misspelt is unknown, never harmless.
  return SEVERITIES.find((known) => known === text.toUpperCase()) ?? 'UNKNOWN';
}

/**
 * The scanner's choice: of the feed that the advisory is from, else GitHub's for its own ids, else NVD's, else any
 * (trivy, pkg/vulnerability).
 */
export function chooseSeverity(
  id: string,
  ratings: VulnerabilityRatings | null,
  feed: string,
): AdvisorySeverity {
  if (!ratings) {
    return 'UNKNOWN';
  }
  const { byVendor, severity } = ratings;
  const rated = (source: string): AdvisorySeverity | null =>
    Object.hasOwn(byVendor, source) ? severityOfNumber(byVendor[source] ?? 0) : null;
  const own = rated(feed);
  if (own !== null) {
    return own;
  }
  const other = (id.startsWith('GHSA-') ? rated('ghsa') : null) ?? rated('nvd') ?? 'UNKNOWN';
  return other === 'UNKNOWN' ? severityOfText(severity) : other;
}
