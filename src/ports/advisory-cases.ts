import type { AdvisoryCase, AdvisoryHit } from '../domain/advisories/case';

export interface CaseEvent {
  readonly advisory: string;
  /** RFC 3339. */
  readonly at: string;
  readonly kind:
    | 'opened'
    | 'hit'
    | 'blocked'
    | 'quarantined'
    | 'rollup'
    | 'replaced'
    | 'overdue'
    | 'note'
    | 'closed';
  readonly text: string;
  readonly actor: string;
}

/** Open advisories and what was done about them. Throws ReleaseError LEDGER_UNAVAILABLE. */
export interface AdvisoryCases {
  /** The open case of the advisory, opened now when there is none; what is hit is added. */
  open(one: AdvisoryCase, hits: readonly AdvisoryHit[], at: string): Promise<AdvisoryCase>;
  read(advisory: string): Promise<AdvisoryCase | null>;
  list(state: 'open' | 'closed' | 'all', limit: number): Promise<readonly AdvisoryCase[]>;
  hitsOf(advisory: string): Promise<readonly AdvisoryHit[]>;
  /** Once for `key`. */
  record(key: string, event: CaseEvent): Promise<void>;
  timeline(advisory: string): Promise<readonly CaseEvent[]>;
  close(advisory: string, at: string): Promise<boolean>;
}
