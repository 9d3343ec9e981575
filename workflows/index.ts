export { continuousCheckWorkflow } from './continuous-check';
export { laneWorkflow } from './lane';
export { reconcileRegistryWorkflow } from './reconcile-registry';
export { releaseWorkflow } from './release';
export { rollbackWorkflow } from './rollback';
export { settleRollbackWorkflow } from './settle-rollback';
