import type { CaseClock } from '../src/contract/advisory-messages';
import type {
  AdvisoryHit,
  CaseLook,
  CasePulls,
  CaseResolution,
} from '../src/domain/advisories/case';
import type { AffectedLook } from '../src/domain/advisories/case-close';
import type { AdvisoryPolicy } from '../src/domain/advisories/policy';
import type { CaseEvent } from '../src/ports/advisory-cases';
import type { RollupOrder, RollupProgress } from '../src/ports/emergency-rollups';
import { actOnCase } from './advisory-case-act';
import { closeCase } from './advisory-case-close';
import { liftActs } from './advisory-case-lift';
import { lookAtCase } from './advisory-case-look';
import { openCase } from './advisory-case-open';
import type { Deps } from './deps';
import { heartbeating } from './heartbeat';

export type AdvisoryCaseDeps = Pick<
  Deps,
  | 'advisoryCases'
  | 'advisoryMatches'
  | 'allowList'
  | 'emergencyRollups'
  | 'ledger'
  | 'now'
  | 'policy'
  | 'quarantine'
  | 'rescans'
  | 'rollout'
  | 'services'
>;

export interface OpenCaseInput {
  readonly advisory: string;
  readonly hits: readonly AdvisoryHit[];
  readonly policy: AdvisoryPolicy;
}

export interface OpenedCase {
  /** Null: none is open, and none was opened. */
  readonly clock: CaseClock | null;
  /** Hits that a person called not affected before. */
  readonly dismissed: number;
}

export interface LookAtCaseInput {
  readonly advisory: string;
  /** That of the case, for what comes to it. Absent from older workflows: that of now. */
  readonly policy?: AdvisoryPolicy;
}

export interface LookedCase {
  readonly clock: CaseClock;
  readonly closedAt: string | null;
  readonly resolution: CaseResolution | null;
  readonly look: AffectedLook;
}

export interface ActOnCaseInput {
  readonly advisory: string;
  readonly policy: AdvisoryPolicy;
  readonly look: AffectedLook;
  /** RFC 3339: now, by the clock that tells people that the case is due. */
  readonly at: string;
}

export interface ActedOnCase {
  /** Of all that was hit, what this case has blocked, or blocked and quarantined. */
  readonly denied: number;
  readonly quarantined: number;
  /** Absent in histories of older versions. */
  readonly pulls?: CasePulls;
  /** What could not be done, a sentence each. */
  readonly failed: readonly string[];
}

export interface CloseCaseInput extends LookAtCaseInput {
  /** RFC 3339. */
  readonly at: string;
}

/** How it was closed; kept: it was not, or not by this. In histories of older versions a boolean, and `replaced` whichever. */
export type ClosedCase = 'replaced' | 'withdrawn' | 'kept' | boolean;

export interface AdvisoryCaseActivities {
  openCase(input: OpenCaseInput): Promise<OpenedCase>;
  /**
   * Lets go what the advisory does not hit any more; then asks the ledger for channels and the targets for what runs, and, when nothing
   * is left, the component index for what is hit besides. Null when there is no case.
   */
  lookAtCase(input: LookAtCaseInput): Promise<LookedCase | null>;
  saveCaseLook(input: { readonly advisory: string; readonly look: CaseLook }): Promise<void>;
  actOnCase(input: ActOnCaseInput): Promise<ActedOnCase>;
  /** What the case blocked may be used again, but for what another case wants blocked. */
  liftCaseActs(input: { readonly advisory: string }): Promise<{ readonly lifted: number }>;
  /** Once nothing affected is left, by the component index too. */
  closeCase(input: CloseCaseInput): Promise<ClosedCase>;
  recordCaseEvent(input: { readonly key: string; readonly event: CaseEvent }): Promise<void>;
  startEmergencyRollup(input: RollupOrder): Promise<void>;
  readEmergencyRollup(input: { readonly id: string }): Promise<RollupProgress | null>;
}

export function createAdvisoryCaseActivities(deps: AdvisoryCaseDeps): AdvisoryCaseActivities {
  const { advisoryCases: cases, emergencyRollups: rollups } = deps;
  return {
    openCase: (input) => openCase(deps, input),
    lookAtCase: (input) => heartbeating((signal) => lookAtCase(deps, input, signal)),
    saveCaseLook: ({ advisory, look }) => cases.saveLook(advisory, look),
    actOnCase: (input) => heartbeating((signal) => actOnCase(deps, input, signal)),
    liftCaseActs: ({ advisory }) => heartbeating(() => liftActs(deps, advisory)),
    closeCase: (input) => heartbeating((signal) => closeCase(deps, input, signal)),
    recordCaseEvent: ({ key, event }) => cases.record(key, event),
    startEmergencyRollup: (order) => rollups.start(order),
    readEmergencyRollup: ({ id }) => rollups.find(id),
  };
}
