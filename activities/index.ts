import { createAccountStorageActivities, type AccountStorageActivities } from './account-storage';
import { createAdvisoryWatchActivities, type AdvisoryWatchActivities } from './advisory-watch';
import { createAdvisoryCaseActivities, type AdvisoryCaseActivities } from './advisory-case';
import { createAssessWindowActivities, type AssessWindowActivities } from './assess-window';
import { createAttestVerdictsActivities, type AttestVerdictsActivities } from './attest-verdicts';
import { createAuthorActivities, type AuthorActivities } from './authors';
import { createBaseImportActivities, type BaseImportActivities } from './base-import';
import { createBuildActivities, type BuildActivities } from './build';
import { createChannelActivities, type ChannelActivities } from './channel';
import {
  createContinuousCheckActivities,
  type ContinuousCheckActivities,
} from './continuous-check';
import { createDatabaseMirrorActivities, type DatabaseMirrorActivities } from './database-mirror';
import { createDecisionActivities, type DecisionActivities } from './decision';
import type { Deps } from './deps';
import { createDrillActivities, type DrillActivities } from './drill';
import { createDriveTrafficActivities, type DriveTrafficActivities } from './drive-traffic';
import { createExceptionActivities, type ExceptionActivities } from './exceptions';
import { withFailures } from './failures';
import { createFreezeActivities, type FreezeActivities } from './freezes';
import { createReclaimActivities, type ReclaimActivities } from './gc-reclaim';
import { createRestoreActivities, type RestoreActivities } from './gc-restore';
import { createGcRunActivities, type GcRunActivities } from './gc-run';
import { createGcPlanActivities, type GcPlanActivities } from './gc-plan';
import { createJudgeRolloutActivities, type JudgeRolloutActivities } from './judge-rollout';
import { createLaneActivities, type LaneActivities } from './lane';
import { createPinActivities, type PinActivities } from './pin';
import { createPreflightActivities, type PreflightActivities } from './preflight';
import { createProvenanceActivities, type ProvenanceActivities } from './provenance';
import { createQuarantineHitsActivities, type QuarantineHitsActivities } from './quarantine-hits';
import { createReconcileActivities, type ReconcileActivities } from './reconcile';
import {
  createRecordUnmeasuredActivities,
  type RecordUnmeasuredActivities,
} from './record-unmeasured';
import { createRescanActivities, type RescanActivities } from './rescan';
import { withRetryTime } from './retry-time';
import { createRollbackActivities, type RollbackActivities } from './rollback';
import { createRolloutActivities, type RolloutActivities } from './rollout';
import { createRollupActivities, type RollupActivities } from './rollup';
import { createSbomActivities, type SbomActivities } from './sbom';
import { createScanActivities, type ScanActivities } from './scan';
import { createScanStandsActivities, type ScanStandsActivities } from './scan-stands';
import { createSignActivities, type SignActivities } from './sign';
import { createStatusActivities, type StatusActivities } from './status';
import { createTagActivities, type TagActivities } from './tag';
import { createWatchWindowActivities, type WatchWindowActivities } from './watch-window';
import { createWindowActivities, type WindowActivities } from './window';
import { createWormActivities, type WormActivities } from './worm';

export type { Deps } from './deps';

export type Activities = AccountStorageActivities &
  AdvisoryWatchActivities &
  AdvisoryCaseActivities &
  AssessWindowActivities &
  AttestVerdictsActivities &
  AuthorActivities &
  BaseImportActivities &
  BuildActivities &
  ChannelActivities &
  ContinuousCheckActivities &
  DatabaseMirrorActivities &
  DecisionActivities &
  DrillActivities &
  DriveTrafficActivities &
  ExceptionActivities &
  FreezeActivities &
  GcRunActivities &
  GcPlanActivities &
  JudgeRolloutActivities &
  LaneActivities &
  PinActivities &
  PreflightActivities &
  ProvenanceActivities &
  ReclaimActivities &
  QuarantineHitsActivities &
  ReconcileActivities &
  RecordUnmeasuredActivities &
  RescanActivities &
  RestoreActivities &
  RollbackActivities &
  RolloutActivities &
  RollupActivities &
  SbomActivities &
  ScanActivities &
  ScanStandsActivities &
  SignActivities &
  StatusActivities &
  TagActivities &
  WatchWindowActivities &
  WindowActivities &
  WormActivities;

/** All side effects, as plain functions; every error leaves through failures.ts. */
export function createActivities(deps: Deps): Activities {
  const activities = withFailures({
    ...createAccountStorageActivities(deps),
    ...createAdvisoryWatchActivities(deps),
    ...createAdvisoryCaseActivities(deps),
    ...createAssessWindowActivities(deps),
    ...createAuthorActivities(deps),
    ...createAttestVerdictsActivities(deps),
    ...createBaseImportActivities(deps),
    ...createBuildActivities(deps),
    ...createChannelActivities(deps),
    ...createContinuousCheckActivities(deps),
    ...createDatabaseMirrorActivities(deps),
    ...createDecisionActivities(deps),
    ...createDrillActivities(deps),
    ...createDriveTrafficActivities(deps),
    ...createExceptionActivities(deps),
    ...createFreezeActivities(deps),
    ...createGcRunActivities(deps),
    ...createGcPlanActivities(deps),
    ...createJudgeRolloutActivities(deps),
    ...createLaneActivities(deps),
    ...createPinActivities(deps),
    ...createPreflightActivities(deps),
    ...createProvenanceActivities(deps),
    ...createReclaimActivities(deps),
    ...createQuarantineHitsActivities(deps),
    ...createReconcileActivities(deps),
    ...createRecordUnmeasuredActivities(deps),
    ...createRescanActivities(deps),
    ...createRestoreActivities(deps),
    ...createRollbackActivities(deps),
    ...createRolloutActivities(deps),
    ...createRollupActivities(deps),
    ...createSbomActivities(deps),
    ...createScanActivities(deps),
    ...createScanStandsActivities(deps),
    ...createSignActivities(deps),
    ...createStatusActivities(deps),
    ...createTagActivities(deps),
    ...createWatchWindowActivities(deps),
    ...createWindowActivities(deps),
    ...createWormActivities(deps),
  });
  return withRetryTime(deps, activities);
}
