import type { ServiceName } from '../domain/reference';

/** `{svc}/{semver}_{gitsha}`: one release of one version of one service. */
export type ReleaseId = string;

export function releaseId(svc: ServiceName, tag: string): ReleaseId {
  return `${svc}/${tag}`;
}

/** Two open runs never share an id, so each of these is a mutex of its own. */
export function releaseWorkflowId(id: ReleaseId): string {
  return `release/${id}`;
}

/** The release that a workflow carries; null for one that carries none. */
export function releaseIdOf(workflowId: string): ReleaseId | null {
  const prefix = releaseWorkflowId('');
  return workflowId.startsWith(prefix) ? workflowId.slice(prefix.length) : null;
}

export function laneWorkflowId(svc: ServiceName): string {
  return `lane/${svc}`;
}

/** `number` counts the rollbacks of the service, from the ledger. */
export function rollbackWorkflowId(svc: ServiceName, number: number): string {
  return `rollback/${svc}/${String(number)}`;
}

/** The Schedule that reconciles the registry; Temporal adds the time to it for the id of each run. */
export const RECONCILE_ID = 'reconcile-registry';

/** The Schedule that looks whether every service could be rolled back. */
export const PREFLIGHT_ID = 'rollback-preflight';

/** The Schedule that rolls a drill service back and forward. */
export const DRILL_ID = 'rollback-drill';
/** The Schedule that checks what runs; likewise. */
export const CHECK_ID = 'continuous-check';
/** The Schedule that scans again what is kept. */
export const RESCAN_ID = 'rescan';

/** The Schedule that matches what is released with the scanner's advisories. */
export const ADVISORY_WATCH_ID = 'advisory-watch';

/** The rescan of what new advisories hit, one at a time. */
export const TOUCHED_RESCAN_ID = 'rescan-touched';

/** The Schedule that judges again what ended exceptions let pass, and tells of ends. */
export const EXCEPTION_EXPIRY_ID = 'exception-expiry';

/** The Schedule that counts what is stored. */
export const ACCOUNTING_ID = 'account-storage';

/** A rescan that somebody asked for, one at a time for a service. */
export function rescanWorkflowId(svc: ServiceName): string {
  return `${RESCAN_ID}/${svc}`;
}

/** The Schedule that plans the clean-up of all of the registry. */
export const GC_ID = 'gc-weekly';

/** A plan that somebody asked for, one at a time for a repository, or for all. */
export function gcPlanWorkflowId(repository: string | null): string {
  return repository === null ? 'gc-plan' : `gc-plan/${repository}`;
}

/** The one run of a plan. */
export function gcRunWorkflowId(planId: string): string {
  return `gc-run/${planId}`;
}

/** The reclaim of disk, one at a time. */
export const GC_RECLAIM_ID = 'gc-reclaim';

export function gcRestoreWorkflowId(repository: string, digest: string): string {
  return `gc-restore/${repository}@${digest}`;
}

/** What is done with an incident copy, one at a time of each. */
export function wormWorkflowId(verb: 'hold' | 'verify' | 'extend' | 'restore', id: string): string {
  return `worm-${verb}/${id}`;
}

/** Tells of a quarantine, once for a request. */
export function quarantineAlertWorkflowId(request: string): string {
  return `quarantine-alert/${request}`;
}

/** The case of an advisory: what is affected, until nothing is. */
export function advisoryCaseWorkflowId(advisory: string): string {
  return `advisory/${advisory}`;
}

/** The Schedule that brings the scanner's databases into our registry. */
export const DATABASE_MIRROR_ID = 'database-mirror';

/** The Schedule that renews the bases of services. */
export const ROLLUP_SCHEDULE_ID = 'base-rollup';

/** One rollup; those of the Schedule are named by the time of their start. */
export function rollupWorkflowId(id: string): string {
  return `rollup/${id}`;
}

/** The rollup that a workflow carries. */
export function rollupIdOf(workflowId: string): string {
  return workflowId.slice(rollupWorkflowId('').length);
}

/** The import of a family of bases, one at a time. */
export function baseImportWorkflowId(family: string): string {
  return `base-import/${family}`;
}
