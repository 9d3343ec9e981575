/** Severities of the scanner. */
export type AdvisorySeverity = 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW' | 'UNKNOWN';

/** What a vendor does about a vulnerability, in the scanner's words. */
export type AdvisoryStatus =
  | 'unknown'
  | 'not_affected'
  | 'affected'
  | 'fixed'
  | 'under_investigation'
  | 'will_not_fix'
  | 'fix_deferred'
  | 'end_of_life';

/** One vulnerability in one package, as a source tells it. */
export interface Advisory {
  /** CVE-…, GHSA-…, as the scanner reports it. */
  readonly id: string;
  /** As in `Component`. */
  readonly space: string;
  readonly name: string;
  /** The feed, e.g. `npm::GitHub Security Advisory Npm`. */
  readonly source: string;
  /** The one that the scanner would choose among the sources that rate it. */
  readonly severity: AdvisorySeverity;
  /** Of the feed while there is no fix. */
  readonly status: AdvisoryStatus;
  readonly range: AdvisoryRange;
}

/** What of a package is hit. */
export type AdvisoryRange =
  /** A distribution's: everything below; without a fix everything. */
  | {
      readonly kind: 'below';
      readonly fixed: string | null;
      readonly from: string | null;
      /** Null: whatever the architecture. */
      readonly arches: readonly string[] | null;
    }
  /** A language's: ranges as the feed writes them. */
  | {
      readonly kind: 'ranges';
      readonly vulnerable: readonly string[];
      readonly patched: readonly string[];
      readonly unaffected: readonly string[];
    };

/** An advisory that hits a component, as the scanner reports it. */
export interface AdvisoryFinding {
  readonly id: string;
  readonly severity: AdvisorySeverity;
  /** One version or several, `1.2.3, 2.0.1`; null while nothing is fixed. */
  readonly fixedVersion: string | null;
  readonly status: AdvisoryStatus;
}
