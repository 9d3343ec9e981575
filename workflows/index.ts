export { laneWorkflow } from './lane';
export { reconcileRegistryWorkflow } from './reconcile-registry';
export { releaseWorkflow } from './release';
export { rescanWorkflow } from './rescan';
export { rollbackWorkflow } from './rollback';
export { settleRollbackWorkflow } from './settle-rollback';
