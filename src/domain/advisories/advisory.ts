/** Severities of the scanner. */
export type AdvisorySeverity = 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW' | 'UNKNOWN';

/** One vulnerability in one package, as a source tells it. */
export interface Advisory {
  /** CVE-…, GHSA-…, as the scanner reports it. */
  readonly id: string;
  /** As in `Component`. */
  readonly space: string;
  readonly name: string;
  /** The feed, e.g. `npm::GitHub Security Advisory Npm`. */
  readonly source: string;
  readonly severity: AdvisorySeverity;
  readonly range: AdvisoryRange;
}

/** What of a package is hit. */
export type AdvisoryRange =
  /** A distribution's: everything below; without a fix everything. */
  | {
      readonly kind: 'below';
      readonly fixed: string | null;
      readonly from: string | null;
      readonly arches: readonly string[];
    }
  /** A language's: ranges as the feed writes them. */
  | {
      readonly kind: 'ranges';
      readonly vulnerable: readonly string[];
      readonly patched: readonly string[];
      readonly unaffected: readonly string[];
    };
