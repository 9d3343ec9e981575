import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { registerGetReclaim, registerReclaim, registerStopReclaim } from './reclaim';
import { registerListTombstones, registerRestore } from './restore';
import { registerOrderGcRun } from './run-order';
import { registerGetGcRun } from './run-status';

/** What becomes of plans: runs, undelete, disk. */
export function registerGcRunRoutes(app: Api, deps: ApiDependencies): void {
  registerGetGcRun(app, deps);
  registerOrderGcRun(app, deps);
  registerRestore(app, deps);
  registerListTombstones(app, deps);
  registerReclaim(app, deps);
  registerStopReclaim(app, deps);
  registerGetReclaim(app, deps);
}
