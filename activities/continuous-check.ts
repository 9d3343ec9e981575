import type { CheckRecord, ServiceLook } from '../src/contract/continuous-check';
import type { CheckFacts } from '../src/domain/continuous-check/decide';
import type { ServiceCheck } from '../src/domain/continuous-check/service-check';
import type { TargetLook } from '../src/domain/continuous-check/target';
import type { Digest } from '../src/domain/digest';
import {
  blockDigests,
  holdLane,
  orderRollback,
  type BlockInput,
  type HoldInput,
  type OrderRollbackInput,
  type RollbackAnswer,
} from './continuous-check-act';
import { readCheckFacts } from './continuous-check-facts';
import { confirmServices, lookAtServices } from './continuous-check-look';
import { recordCheck } from './continuous-check-record';
import { findVerifiedStable } from './continuous-check-target';
import type { Deps } from './deps';

export type CheckDeps = Pick<
  Deps,
  | 'allowList'
  | 'backend'
  | 'catalog'
  | 'checks'
  | 'systemLanes'
  | 'ledger'
  | 'now'
  | 'policy'
  | 'quarantine'
  | 'rollout'
  | 'services'
  | 'verifier'
>;

export interface LookAtServicesInput {
  /** The last service that is done. */
  readonly after: string | null;
  readonly runId: string;
}

/** A slice of the catalogue: as much as is done in about a minute. */
export interface LookAtServicesResult {
  /** Null = all are done. */
  readonly next: string | null;
  readonly services: number;
  readonly digests: number;
  readonly troubled: readonly ServiceLook[];
}

export interface FindTargetInput {
  readonly svc: string;
  readonly from: Digest;
  readonly forCve: boolean;
}

/** Each throws LEDGER_UNAVAILABLE when nothing could be found out. */
export interface ContinuousCheckActivities {
  /** First look, read only but for the record of those that are well. */
  lookAtServices(input: LookAtServicesInput): Promise<LookAtServicesResult>;
  /** Second look at those that were not; what both agree on. A service that left the catalogue is left out. */
  confirmServices(input: {
    readonly looks: readonly ServiceLook[];
  }): Promise<readonly ServiceLook[]>;
  /** Without a target. Throws ORCHESTRATOR_UNAVAILABLE. */
  readCheckFacts(input: { readonly svc: string }): Promise<Omit<CheckFacts, 'target' | 'nowMs'>>;
  /** The newest former prod:stable that passes the same checks, and that the allow-list lets into prod. */
  findVerifiedStable(input: FindTargetInput): Promise<TargetLook>;
  /** Puts those under quarantine that are not, in the system's name; how many that were. */
  blockDigests(input: BlockInput): Promise<number>;
  /** Asks the lane, and waits. Throws ORCHESTRATOR_UNAVAILABLE; every other refusal is an answer. */
  orderRollback(input: OrderRollbackInput): Promise<RollbackAnswer>;
  holdLane(input: HoldInput): Promise<void>;
  recordCheck(input: ServiceCheck): Promise<CheckRecord>;
}

export function createContinuousCheckActivities(deps: CheckDeps): ContinuousCheckActivities {
  return {
    lookAtServices: (input) => lookAtServices(deps, input),
    confirmServices: ({ looks }) => confirmServices(deps, looks),
    readCheckFacts: ({ svc }) => readCheckFacts(deps, svc),
    findVerifiedStable: (input) => findVerifiedStable(deps, input),
    blockDigests: (input) => blockDigests(deps, input),
    orderRollback: (input) => orderRollback(deps, input),
    holdLane: (input) => holdLane(deps, input),
    recordCheck: (check) => recordCheck(deps, check),
  };
}
