export { laneWorkflow } from './lane';
export { releaseWorkflow } from './release';
export { rollbackWorkflow } from './rollback';
export { settleRollbackWorkflow } from './settle-rollback';
