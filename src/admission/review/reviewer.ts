import type { AdmissionRequest, AdmissionResponse } from '../../contract/schema/admission-review';

export interface Reviewed {
  /** How it ended, for the metrics. */
  readonly verdict: 'admitted' | 'denied' | 'unknown' | 'break-glass';
  readonly response: AdmissionResponse;
}

/** Answers one request of the API server; what it throws is a bug, and a denial. */
export type Reviewer = (request: AdmissionRequest) => Promise<Reviewed>;
