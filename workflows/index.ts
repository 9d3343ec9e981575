export { continuousCheckWorkflow } from './continuous-check';
export { laneWorkflow } from './lane';
export { reconcileRegistryWorkflow } from './reconcile-registry';
export { releaseWorkflow } from './release';
export { rollbackWorkflow } from './rollback';
export { rollbackDrillWorkflow } from './rollback-drill';
export { rollbackPreflightWorkflow } from './rollback-preflight';
export { settleRollbackWorkflow } from './settle-rollback';
